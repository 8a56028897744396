// Asks before a form with changes that were not saved is left. Without it the admin works as well.
// The script is deferred: what Django rebuilds as the page loads is rebuilt when this looks at the form first.
addEventListener("load", () => {
  const form = document.querySelector('#content-main form:is([id$="_form"], [data-asks])');
  if (!form || document.querySelector("#changelist")) return;
  const values = () => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));
  const isUnsaved = form.querySelector(".errornote, [data-unsaved]") || form.dataset.asks === "typed"; // refused, or shown first
  const began = isUnsaved ? null : values();
  let isSent = false;
  form.addEventListener("submit", () => { isSent = true; });
  addEventListener("beforeunload", (event) => {
    if (!isSent && values() !== began) event.preventDefault();
  });
  addEventListener("pageshow", () => { isSent = false; });
});

// Tells those who hear the page what Django leaves unsaid: what is chosen by autocompletion, what a list is searched by.
addEventListener("load", () => {
  const nameOf = (select) => select.getAttribute("aria-label") || (select.labels[0]?.textContent ?? "").trim().replace(/:$/, "");
  const tell = (select) => {
    const box = select.nextElementSibling?.querySelector(".select2-selection");
    if (!box) return;
    const name = nameOf(select), shown = box.querySelector("span.select2-selection__rendered");
    box.setAttribute("aria-label", name);
    box.querySelector("input")?.setAttribute("aria-label", name);
    if (!shown) return;
    box.id = `${shown.id}-box`;
    box.setAttribute("aria-labelledby", `${box.id} ${shown.id}`); // its name, then what is chosen
    for (const attribute of ["role", "aria-readonly"]) shown.removeAttribute(attribute);
  };
  const tellAll = (within) => within.querySelectorAll("select.admin-autocomplete").forEach(tell);
  const $ = window.django?.jQuery;
  if ($?.fn.select2) {
    $(() => tellAll(document)); // after those that make them
    document.addEventListener("formset:added", (event) => tellAll(event.target));
    $(document).on("select2:open", (event) => {
      const open = document.querySelectorAll(".select2-container--open :is(.select2-search__field, .select2-results__options)");
      for (const part of open) part.setAttribute("aria-label", nameOf(event.target));
    });
  }
  const headings = [...document.querySelectorAll("#result_list thead th")].map((heading) => heading.querySelector(".text")?.textContent.trim());
  for (const row of document.querySelectorAll("#result_list tbody tr"))
    [...row.cells].forEach((cell, place) => {
      if (cell.tagName === "TD" && headings[place]) cell.dataset.label = headings[place];
      cell.classList.toggle("empty", cell.textContent.trim() === "-");
    });
  document.querySelector("#searchbar")?.setAttribute("aria-label", "Search");
  for (const header of document.querySelectorAll(".tabular thead th"))
    if (!header.textContent.trim()) header.setAttribute("role", "cell");
});
