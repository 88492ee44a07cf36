/**
 * Hands a file that the page made to the user: the browser saves it where it saves downloads, Electron asks where.
 * @param name without personal data
 */
export function saveFile(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The download has taken the bytes by then.
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, 60_000);
}
