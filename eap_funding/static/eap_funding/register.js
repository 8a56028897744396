// htmx swaps the list; this keeps what was open and where the focus was, and says the result.
(() => {
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  said.className = "visually-hidden";
  said.id = "announcement";
  document.body.append(said);

  const { suggestions } = document.currentScript.dataset; // a module that few visits need
  addEventListener("focusin", ({ target }) => {
    if (target.matches("input[name=q]")) import(suggestions).then((module) => module.suggest(target));
  });

  addEventListener("beforeprint", () => {
    const printed = document.getElementById("printed");
    const day = new Date().toLocaleDateString(document.documentElement.lang, { dateStyle: "long" });
    if (printed) printed.textContent = `${printed.dataset.words} ${day}`;
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const found = document.getElementById(button.dataset.copy);
    found.select?.(); // where the browser lets no page write to the clipboard, the words are ready to be copied
    await navigator.clipboard?.writeText(found.value ?? found.textContent);
    if (navigator.clipboard) said.textContent = button.textContent = button.dataset.copied;
  });

  let open = [], isStacked = false, place = 0, focused = "";
  const panel = () => document.getElementById("filters");
  const placeOfFocus = () => document.activeElement?.getBoundingClientRect().top ?? 0;
  document.addEventListener("htmx:configRequest", (event) => {
    const given = event.detail.formData;
    for (const name of new Set(given.keys())) {
      const values = given.getAll(name).filter((value) => String(value).trim());
      given.delete(name);
      values.forEach((value) => given.append(name, value));
    }
  });
  const isList = (event) => event.detail.target.id === "main"; // pictures are swapped in too, and take no focus
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isList(event)) return;
    // Errors are pages, too.
    if (event.detail.xhr.status >= 400) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
    open = [...document.querySelectorAll("#main details[id][open]")].map((each) => each.id);
    place = placeOfFocus();
    focused = document.activeElement?.id;
    isStacked = panel() && !getComputedStyle(panel().parentElement).gridTemplateColumns.includes(" ");
  });
  document.addEventListener("htmx:sendError", (event) => isList(event) && document.getElementById("finder")?.submit());
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!isList(event)) return;
    const result = document.querySelector("#main .errors") || document.getElementById("result");
    open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    if (!result) return;
    if (!isStacked && document.activeElement === document.body) document.getElementById(focused)?.focus({ preventScroll: true }); // it was folded
    if (isStacked) result.scrollIntoView();
    if (isStacked || !document.activeElement || document.activeElement === document.body) {
      result.tabIndex = -1;
      result.focus({ preventScroll: true });
    } else if (panel()?.contains(document.activeElement)) {
      scrollBy({ top: placeOfFocus() - place, behavior: "instant" }); // what was ticked stays in place
    }
    said.textContent = result.textContent.replace(/\s+/g, " ").trim();
  });
})();
