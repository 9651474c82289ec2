/** A refusal by the server: an HTTP status with a structured body. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly field = '',
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** The server did not answer at all. */
export class AwayError extends Error {
  constructor() {
    super('The server does not answer.');
    this.name = 'AwayError';
  }
}

export interface Told {
  title: string;
  advice: string;
  retry: boolean;
}

/** What to tell a person about a failure, and whether trying again may help. */
export function tell(e: unknown): Told {
  if (e instanceof AwayError) {
    return {
      title: 'The server does not answer',
      advice: 'Check that Bowerbird is running and that you are online, then try again.',
      retry: true,
    };
  }
  if (e instanceof ApiError) {
    if (e.status === 401) return { title: 'An API key is needed', advice: e.message, retry: true };
    if (e.status === 403) return { title: 'This key may not do that', advice: e.message, retry: true };
    if (e.status === 404) return { title: 'Not found', advice: e.message, retry: false };
    if (e.status === 413) return { title: 'Too large', advice: e.message, retry: false };
    if (e.status === 429) return { title: 'Too many requests', advice: 'Wait a moment, then try again.', retry: true };
    if (e.status >= 500) return { title: 'The server had a problem', advice: e.message, retry: true };
    return { title: 'That did not work', advice: e.message, retry: true };
  }
  return { title: 'Something went wrong', advice: e instanceof Error ? e.message : String(e), retry: true };
}

export const isAbort = (e: unknown): boolean => e instanceof DOMException && e.name === 'AbortError';
