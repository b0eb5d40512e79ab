/** React Query keys, so that what one feature changes another can refresh. */
export const keys = {
  conversations: ['conversations'] as const,
  conversationList: (status: string, q: string) => ['conversations', status, q] as const,
  transcripts: ['transcript'] as const,
  transcript: (id: string) => ['transcript', id] as const,
  shared: (token: string) => ['shared', token] as const,
  models: ['models'] as const,
  fileText: (id: string) => ['file-text', id] as const,
  search: (path: string, body: string) => ['search', path, body] as const,
  citation: (messageId: string, index: number) => ['citation', messageId, index] as const,
  run: (id: string) => ['run', id] as const,
  trace: (runId: string) => ['trace', runId] as const,
  /** Whatever else is read from a path of the API, by that path. */
  path: (path: string) => ['path', path] as const,
};
