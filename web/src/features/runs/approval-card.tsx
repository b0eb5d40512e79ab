import { Hand } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Verbatim } from '@/components/ui/verbatim';
import { AnswerField, AskCard, type AskProps, SendButton } from './ask-card';
import { type Approval, typeAnswer, useAskState } from './ask-state';

/** Asks whether a tool may be used: all it would be given is shown. */
export function ApprovalCard({ approval, ...props }: AskProps & { approval: Approval }) {
  const { t } = useTranslation();
  const { runId, ask } = props;
  const { text, sending } = useAskState(runId, ask.id);
  const giveReason = (reason: string | null) => typeAnswer(runId, ask.id, reason);
  return (
    <AskCard
      {...props}
      icon={Hand}
      title={t('ask.approve', { tool: approval.tool })}
      hint={t('ask.approveHint')}
    >
      {(send) => (
        <>
          <Arguments value={approval.arguments} />
          {text === null ? (
            <div className="mt-3 flex flex-wrap gap-2 sm:ps-[26px]">
              <SendButton look="primary" sending={sending} onClick={() => send({ approved: true })}>
                {sending ? t('ask.sending') : t('ask.allow')}
              </SendButton>
              <SendButton sending={sending} onClick={() => send({ approved: false })}>
                {t('ask.refuse')}
              </SendButton>
              <SendButton look="quiet" sending={sending} onClick={() => giveReason('')}>
                {t('ask.refuseWhy')}
              </SendButton>
            </div>
          ) : (
            <AnswerField
              runId={runId}
              askId={ask.id}
              label={t('ask.reason')}
              action={t('ask.sendRefusal')}
              onSend={(reason) => send({ approved: false, ...(reason !== '' && { reason }) })}
              onCancel={() => giveReason(null)}
            />
          )}
        </>
      )}
    </AskCard>
  );
}

/** Longer values get a box of their own that scrolls. */
const LONG_CHARS = 400;

/** The arguments by name; what is nested, or not an object, as JSON. */
function Arguments({ value }: { value: unknown }) {
  const { t } = useTranslation();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return (
      <div className="mt-2">
        <Verbatim label={t('ask.arguments')} text={JSON.stringify(value) ?? ''} />
      </div>
    );
  }
  const entries = Object.entries(value);
  if (entries.length === 0) {
    return <p className="mt-2 ps-[26px] text-ink-2 text-sm">{t('ask.noArguments')}</p>;
  }
  return (
    <dl className="mt-2.5 space-y-1.5 ps-[26px]">
      {entries.map(([name, given]) => (
        <div key={name} className="grid gap-x-3 text-sm sm:grid-cols-[minmax(5rem,auto)_1fr]">
          <dt className="font-mono text-ink-3 text-xs leading-5">{name}</dt>
          <dd className="min-w-0">
            <Value value={given} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Value({ value }: { value: unknown }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  if (text.length > LONG_CHARS || (typeof value === 'object' && value !== null)) {
    return (
      <pre
        className="code-text max-h-56 overflow-auto whitespace-pre-wrap break-words"
        tabIndex={0}
      >
        {text}
      </pre>
    );
  }
  return (
    <span className="whitespace-pre-wrap break-words" dir="auto">
      {text}
    </span>
  );
}
