import type { Citation, FilePart, Part } from '@/lib/api/types';

export type Piece =
  | { kind: 'text'; text: string }
  | { kind: 'reasoning'; text: string }
  | { kind: 'cut'; reason: 'length' | 'refusal' }
  | {
      kind: 'tool';
      id: string;
      name: string;
      input: string;
      output: string | null;
      failed: boolean;
      /** Whether the result quotes what is not the reader's to see any more. */
      gone: boolean;
    };

/**
 * An answer's parts as what is shown: each tool call with its result, in the order of the calls. A
 * result belongs to the first call of its id that has none yet: ids may repeat.
 */
export function pieces(parts: readonly Part[]): Piece[] {
  const out: Piece[] = [];
  for (const part of parts) {
    if (part.type === 'text' || part.type === 'reasoning') {
      if (part.text !== '') out.push({ kind: part.type, text: part.text });
    } else if (part.type === 'cut_off') {
      out.push({ kind: 'cut', reason: part.reason });
    } else if (part.type === 'tool_call') {
      const { id, name } = part;
      const open = { output: null, failed: false, gone: false };
      out.push({ kind: 'tool', id, name, input: part.arguments, ...open });
    } else if (part.type === 'tool_result') {
      const at = out.findIndex(
        (piece) => piece.kind === 'tool' && piece.id === part.id && piece.output === null,
      );
      const call = out[at];
      if (call?.kind === 'tool') {
        const { output, is_error: failed, gone = false } = part;
        out[at] = { ...call, output, failed, gone };
      }
    }
  }
  return out;
}

/** The words alone, for the clipboard and the editor. */
export function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

export function citationsOf(parts: readonly Part[]): Citation[] {
  return parts
    .flatMap((part) => (part.type === 'citation' ? part : []))
    .sort((a, b) => a.index - b.index);
}

export function filesOf(parts: readonly Part[]): FilePart[] {
  return parts.flatMap((part) => (part.type === 'file' ? part : []));
}
