import { useTranslation } from 'react-i18next';
import { ApiError } from '@/lib/api/error';
import { explain } from '@/lib/api/explain';
import type { Cause } from './notices';

interface ExplainedProps {
  cause: Cause;
  /** What was not done: the key of a text with a place for the cause. */
  words: 'error.notSent' | 'error.notStarted' | 'error.unreachable';
}

/** A refusal that takes more words than the page of a chat brings along: a budget, a permission. */
export default function Explained({ cause, words }: ExplainedProps) {
  const { t } = useTranslation();
  return t(words, { cause: explain(t, new ApiError(cause)) });
}
