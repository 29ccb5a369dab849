export default function ({ parentElement }) {
  const button = parentElement.querySelector("button");
  button.onclick = async () => {
    const link = window.location.href;
    try {
      await navigator.clipboard.writeText(link);
    } catch {
      // Browsers offer the clipboard to secure pages only; elsewhere a selected text can still be copied.
      const field = document.createElement("textarea");
      field.value = link;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    button.textContent = "Link copied";
    setTimeout(() => (button.textContent = "Copy link"), 2000);
  };
}
