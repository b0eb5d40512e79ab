/** What went wrong with a request, in one shape whatever the cause. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** A stable code of the server, or NETWORK_ERROR, or HTTP_<status> where no envelope came. */
  readonly code: string;
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly requestId: string | null;
  /** Seconds until a retry makes sense, where the server says. */
  readonly retryAfter: number | null;
  /** What the server says of it besides, by the code. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(init: {
    code: string;
    message: string;
    status: number;
    requestId?: string | null;
    retryAfter?: number | null;
    details?: Readonly<Record<string, unknown>>;
  }) {
    super(init.message);
    this.code = init.code;
    this.status = init.status;
    this.requestId = init.requestId ?? null;
    this.retryAfter = init.retryAfter ?? null;
    this.details = init.details ?? {};
  }
}

export function networkError(): ApiError {
  return new ApiError({ code: 'NETWORK_ERROR', message: '', status: 0 });
}

interface Envelope {
  error?: { code?: unknown; message?: unknown; request_id?: unknown; details?: unknown };
}

/** Reads the error envelope from a refused answer's body; never throws. */
export function errorFromBody(
  status: number,
  body: string,
  header: (name: string) => string | null,
): ApiError {
  let envelope: Envelope = {};
  try {
    envelope = JSON.parse(body) as Envelope;
  } catch {
    // Not ours (a proxy's page): the status alone must do.
  }
  const error = envelope?.error ?? {};
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  const seconds = Number(header('retry-after'));
  return new ApiError({
    code: text(error.code) ?? `HTTP_${status}`,
    message: text(error.message) ?? '',
    status,
    requestId: text(error.request_id) ?? header('x-request-id'),
    retryAfter: Number.isFinite(seconds) && seconds > 0 ? seconds : null,
    details: { ...(error.details as object | null) },
  });
}

export function toApiError(cause: unknown): ApiError {
  return cause instanceof ApiError ? cause : networkError();
}
