/** What is needed of Electron's `app`. */
export interface CertificateApp {
  on(
    event: 'select-client-certificate',
    listener: (
      event: { preventDefault(): void },
      contents: unknown,
      url: string,
      list: unknown,
      callback: () => void,
    ) => void,
  ): unknown;
}

/**
 * Sends no client certificate: unhandled, Electron would send the first that fits, which is a person's name
 * to whichever server asks. A wrong server certificate is refused by Electron itself; nothing here
 * answers for it.
 */
export function sendNoClientCertificate(app: CertificateApp): void {
  app.on('select-client-certificate', (event, _contents, _url, _list, callback) => {
    event.preventDefault();
    callback();
  });
}
