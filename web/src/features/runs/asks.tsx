import type { Ask } from '@/lib/api/types';
import { ApprovalCard } from './approval-card';
import { OtherCard } from './ask-card';
import { approvalOf } from './ask-state';
import { useRuns } from './store';

const NONE: readonly Ask[] = [];

/** What the conversation's run waits for: a card for each question. */
export function Asks({ conversationId }: { conversationId: string }) {
  const asks = useRuns((state) => state.live[conversationId]?.asks) ?? NONE;
  const runId = useRuns((state) => state.live[conversationId]?.runId) ?? null;
  if (runId === null) return null;
  return (
    <div className="my-3 space-y-3">
      {asks.map((ask) => {
        const approval = approvalOf(ask);
        const place = { conversationId, runId, ask };
        if (approval) return <ApprovalCard key={ask.id} approval={approval} {...place} />;
        return <OtherCard key={ask.id} {...place} />;
      })}
    </div>
  );
}
