/**
 * What the server sends but does not yet describe in `src/api/schema.d.ts`. Once a generation of
 * that file has these, `types.ts` takes them from there and this file goes.
 */
import type { components } from '@/api/schema';

/** A question that a run waits for. */
export interface Ask {
  /** Names it in an answer. */
  id: string;
  /** The node that asks. */
  path: string;
  /** The node's own name for it. */
  key: string;
  /** What is asked: an object whose `kind` says what answer is expected. */
  question: unknown;
}

type Described = components['schemas']['Run'];

export type RunWithAsks = Omit<Described, 'status'> & {
  /** `interrupted`: it waits for the answers to its `asks`. */
  status: Described['status'] | 'interrupted';
  asks?: Ask[];
};
