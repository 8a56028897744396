// Words that are marked in the text of a source stand in the fields above it at once. Without it they are typed there.
addEventListener("load", () => {
  const desk = document.querySelector("#desk"), text = desk?.querySelector(".text");
  if (!text) return;
  const field = (name) => desk.querySelector(`[name="_claim_${name}"]`);
  const sentenceOf = (node) => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest("[data-sentence]");
  document.addEventListener("selectionchange", () => {
    const chosen = getSelection();
    if (chosen.isCollapsed || !text.contains(chosen.anchorNode) || !text.contains(chosen.focusNode)) return;
    const sentence = sentenceOf(chosen.getRangeAt(0).startContainer), words = chosen.toString().trim();
    if (!sentence || !words) return;
    field("sentence").value = sentence.dataset.sentence;
    field("words").value = words.replace(/\s+/g, " ");
  });
  desk.addEventListener("keydown", (event) => { // Enter adds the claim, and does not save the form
    if (event.key !== "Enter" || !event.target.matches("[name^=_claim_]")) return;
    event.preventDefault();
    desk.querySelector("[name=_add_claim]").click();
  });
  if (location.hash === "#desk") { // Django has put the focus into the first field of the form
    desk.scrollIntoView();
    field("member").focus({ preventScroll: true });
  }
  const chosen = text.querySelector(`[data-sentence="${field("sentence").value}"]`) ?? text.querySelector("mark");
  if (chosen) text.scrollTop = chosen.offsetTop - text.offsetTop - 40; // px: a line before it
});
