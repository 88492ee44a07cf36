/** Gives the person a file to keep, by the browser's download. */
export function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The download has begun by then; the memory is given back.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 60_000);
}
