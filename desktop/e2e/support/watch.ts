import type { BrowserContext, Page } from '@playwright/test';

/** What a page did that no page of the product may do. */
export interface Misdeeds {
  /** Violations of the content policy, as the page reports them. */
  readonly policy: string[];
  /** Requests to anything but this computer. */
  readonly abroad: string[];
  /** Errors nobody caught. */
  readonly errors: string[];
}

declare global {
  interface Window {
    e2eViolation?: (text: string) => void;
  }
}

const OWN = /^(?:(?:https?|wss?):\/\/127\.0\.0\.1(?::\d+)?|app:\/\/sivis|https:\/\/sivis\.app\.shim)\//;
const INSIDE = /^(?:data|blob|about|chrome|chrome-extension|chrome-error):/;

/** Watches every page of a context from before its first script on. */
export async function watchContext(context: BrowserContext): Promise<Misdeeds> {
  const misdeeds: Misdeeds = { policy: [], abroad: [], errors: [] };
  await context.exposeFunction('e2eViolation', (text: string) => misdeeds.policy.push(text));
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      window.e2eViolation?.(
        `${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
      );
    });
  });
  context.on('request', (request) => {
    const url = request.url();
    if (!OWN.test(url) && !INSIDE.test(url)) misdeeds.abroad.push(url);
  });
  const watch = (page: Page): void => {
    page.on('pageerror', (error) => misdeeds.errors.push(error.stack ?? error.message));
    page.on('websocket', (socket) => {
      if (!OWN.test(socket.url())) misdeeds.abroad.push(socket.url());
    });
  };
  context.pages().forEach(watch);
  context.on('page', watch);
  return misdeeds;
}
