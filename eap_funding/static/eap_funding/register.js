// On every page: what screen readers are told, completions under a search, the day of printing, buttons that copy.
(() => {
  const announcement = document.createElement("p");
  announcement.setAttribute("role", "status");
  announcement.className = "visually-hidden";
  announcement.id = "announcement";
  document.body.append(announcement);

  const { completions } = document.currentScript.dataset; // a module that few visits need
  addEventListener("focusin", ({ target }) => {
    if (target.matches("input[name=q]")) import(completions).then((module) => module.complete(target));
  });

  addEventListener("beforeprint", () => {
    const printed = document.getElementById("printed");
    const { lang } = document.documentElement;
    const day = new Date().toLocaleDateString(lang === "en" ? "en-GB" : lang, { dateStyle: "long" }); // as on the page
    if (printed) printed.textContent = `${printed.dataset.words} ${day}`;
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    source.select?.(); // where the browser lets no page write to the clipboard, the words are ready to be copied
    await navigator.clipboard?.writeText(source.value ?? source.textContent);
    if (navigator.clipboard) announcement.textContent = button.textContent = button.dataset.copied;
  });
})();
