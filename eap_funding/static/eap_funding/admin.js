// Asks before a form with changes that were not saved is left. Without it the admin works as well.
addEventListener("load", () => {
  const form = document.querySelector('#content-main form[id$="_form"]');
  if (!form || document.querySelector("#changelist")) return;
  const values = () => new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)])).toString();
  const began = form.querySelector(".errornote") ? null : values(); // what was refused is not saved either
  let isSent = false;
  form.addEventListener("submit", () => { isSent = true; });
  addEventListener("beforeunload", (event) => {
    if (!isSent && values() !== began) event.preventDefault();
  });
  addEventListener("pageshow", () => { isSent = false; });
});
