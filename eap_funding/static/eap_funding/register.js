// What scripts make nicer: htmx swaps the list; this keeps what was open, where the focus was, and says the result.
(() => {
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  said.className = "visually-hidden";
  said.id = "announcement";
  document.body.append(said);

  let open = [];
  document.addEventListener("htmx:configRequest", (event) => {
    const given = event.detail.formData;
    for (const name of new Set(given.keys())) {
      const values = given.getAll(name).filter((value) => String(value).trim());
      given.delete(name);
      values.forEach((value) => given.append(name, value));
    }
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    // A refusal is a page that says why: show it as without script.
    if (event.detail.xhr.status >= 400) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
    open = [...document.querySelectorAll("#main details[id][open]")].map((each) => each.id);
  });
  document.addEventListener("htmx:sendError", () => document.getElementById("finder")?.submit());
  document.addEventListener("htmx:afterSettle", () => {
    open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    const result = document.getElementById("result") || document.querySelector("#main h1");
    if (!result) return;
    if (!document.activeElement || document.activeElement === document.body) {
      result.tabIndex = -1;
      result.focus({ preventScroll: true });
    }
    said.textContent = result.textContent.replace(/\s+/g, " ").trim();
  });
})();
