import { useMemo } from 'react';
import { Asks } from '@/features/runs/asks';
import { shownTurns, type Turn } from '@/features/runs/merge';
import { isOver, type LiveRun } from '@/features/runs/reducer';
import { StepsLine } from '@/features/runs/steps-line';
import { useRuns } from '@/features/runs/store';
import Transcript, { type TranscriptProps } from '@/features/transcript/transcript';
import type { Progress, TurnActions, TurnView } from '@/features/transcript/types';
import type { MessageView } from '@/lib/api/types';

/** What the screen gives to the turns; the rest is the run's. */
export type ScreenActions = Omit<TurnActions, 'steps' | 'asks'>;

interface LiveTranscriptProps extends Omit<TranscriptProps, 'turns' | 'asked' | 'actions'> {
  conversationId: string;
  actions: ScreenActions;
  messages: MessageView[];
}

/** The transcript with the run's growing answer: the one part of the screen drawn every frame. */
export default function LiveTranscript({
  conversationId,
  messages,
  actions: given,
  ...props
}: LiveTranscriptProps) {
  const live = useRuns((state) => state.live[conversationId]) ?? null;
  const turns = useMemo(() => shownTurns(messages, live).map(toView), [messages, live]);
  const actions = useMemo<TurnActions>(
    () => ({
      ...given,
      steps: (message, writing) => <StepsLine message={message} live={writing} />,
      asks: (message) => <Asks conversationId={message.conversation_id} />,
    }),
    [given],
  );
  return (
    <Transcript turns={turns} actions={actions} asked={live?.attempt?.key ?? null} {...props} />
  );
}

function toView({ key, message, live }: Turn): TurnView {
  return { key, message, progress: live === null ? null : progressOf(live) };
}

function progressOf({ phase, requestId }: LiveRun): Progress {
  return { phase: isOver(phase) ? 'over' : (SHOWN[phase] ?? 'writing'), requestId };
}

const SHOWN: Partial<Record<LiveRun['phase'], Progress['phase']>> = {
  reconnecting: 'reconnecting',
  waiting: 'asking',
};
