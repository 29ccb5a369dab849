export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.querySelector(".host");
  if (host.dataset.shown !== data.key) {
    // The HTML is made by the server with every text escaped.
    host.innerHTML = data.html;
    host.dataset.shown = data.key;
  }
  host.querySelectorAll("tbody tr").forEach((row, index) => {
    const chosen = index === data.chosen;
    row.classList.toggle("chosen", chosen);
    if (chosen && host.dataset.chosen !== String(index)) row.scrollIntoView({ block: "nearest" });
    if (!data.open[index]) return;
    const choose = () => setTriggerValue("chosen", { at: index, of: data.key });
    row.classList.add("open");
    row.onclick = choose;
    const head = row.querySelector("th");
    if (!head) return;
    head.tabIndex = 0;
    head.setAttribute("aria-label", head.textContent.trim() + ", " + data.action);
    head.onkeydown = (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        choose();
      }
    };
  });
  host.dataset.chosen = data.chosen;
}
