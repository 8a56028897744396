// Completions under a search field while somebody types: the combobox pattern of WAI-ARIA. Without script the field searches.
const PAUSE = 200; // ms after a key

export function complete(field) {
  if (field.getAttribute("role")) return; // it has them already
  const list = document.createElement("ul");
  list.id = `${field.id}-completions`;
  list.className = "completions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.labels[0].textContent);
  field.after(list);
  field.autocomplete = "off";
  const states = { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" };
  Object.entries(states).forEach(([name, value]) => field.setAttribute(name, value));

  let chosen = null, timer = 0;
  const choose = (option) => {
    chosen?.setAttribute("aria-selected", "false");
    chosen = option;
    chosen?.setAttribute("aria-selected", "true");
    chosen?.scrollIntoView({ block: "nearest" });
    if (chosen) field.setAttribute("aria-activedescendant", chosen.id);
    else field.removeAttribute("aria-activedescendant");
  };
  const show = (isShown) => {
    choose(null);
    list.hidden = !isShown;
    field.setAttribute("aria-expanded", String(isShown));
  };
  const read = async () => {
    const words = field.value.trim();
    if (words.length < 2) return show(false);
    const address = new URL(`../suggestions/?${new URLSearchParams({ q: words })}`, field.form.action);
    const response = await fetch(address).catch(() => null);
    const html = response?.ok ? await response.text() : "";
    if (field.value.trim() !== words) return; // typed on
    list.innerHTML = html;
    [...list.children].forEach((option, number) => { option.id = `${list.id}-${number}`; });
    show(list.children.length > 0 && document.activeElement === field);
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(read, PAUSE);
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const options = [...list.children], at = options.indexOf(chosen);
    if (event.key === "ArrowDown") choose(options[at + 1] ?? null);
    else if (event.key === "ArrowUp") choose(options.at(at < 0 ? -1 : at - 1) ?? null);
    else if (event.key === "Escape") show(false);
    else if (event.key === "Enter" && chosen) location.assign(chosen.dataset.address);
    else return;
    event.preventDefault();
  });
  field.addEventListener("blur", () => show(false));
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[data-address]");
    if (option) location.assign(option.dataset.address);
  });
  if (field.value !== field.defaultValue) read(); // typed while this script was on its way
}
