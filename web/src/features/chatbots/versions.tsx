import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Loaded } from '@/components/ui/loaded';
import { Refusal } from '@/components/ui/refusal';
import { Row, Rows, Tag } from '@/components/ui/rows';
import { TextDiff } from '@/components/ui/text-diff';
import type { Chatbot, ChatbotVersion } from '@/lib/api/identity-types';
import { moment } from '@/lib/time';
import { useRollBack, useVersions } from './api';
import { differences } from './settings';

interface VersionsProps {
  chatbot: Chatbot;
  /** Whether they can only be read. */
  fixed: boolean;
  onRolledBack: (chatbot: Chatbot) => void;
}

/** What the chatbot was made of before: what each version changed, and the way back. */
export function Versions({ chatbot, fixed, onRolledBack }: VersionsProps) {
  const { t } = useTranslation();
  const versions = useVersions(chatbot.id);
  const rollBack = useRollBack(chatbot.id);
  const [open, setOpen] = useState<number | null>(null);
  return (
    <div className="flex flex-col items-start gap-3">
      <Refusal error={rollBack.error} />
      <div className="w-full">
        <Loaded query={versions}>
          {(items) => (
            <Rows label={t('versions.title')} empty={t('versions.none')}>
              {items.map((version, index) => (
                <VersionRow
                  key={version.version}
                  version={version}
                  former={items[index + 1]}
                  current={version.version === chatbot.version}
                  open={open === version.version}
                  fixed={fixed}
                  onOpen={() => setOpen(open === version.version ? null : version.version)}
                  onRollBack={() => rollBack.mutate(version.version, { onSuccess: onRolledBack })}
                />
              ))}
            </Rows>
          )}
        </Loaded>
      </div>
      {versions.hasNextPage && (
        <Button onClick={() => void versions.fetchNextPage()}>{t('page.more')}</Button>
      )}
    </div>
  );
}

interface VersionRowProps {
  version: ChatbotVersion;
  former: ChatbotVersion | undefined;
  current: boolean;
  open: boolean;
  fixed: boolean;
  onOpen: () => void;
  onRollBack: () => void;
}

function VersionRow({
  version,
  former,
  current,
  open,
  fixed,
  onOpen,
  onRollBack,
}: VersionRowProps) {
  const { t } = useTranslation();
  const changes = differences(former?.settings ?? {}, version.settings);
  const name = t('versions.name', { version: version.version });
  return (
    <Row
      title={
        <>
          {name}
          {current && <Tag tone="accent">{t('versions.current')}</Tag>}
        </>
      }
      sub={[moment(version.created_at), version.note].filter(Boolean).join(' · ')}
      actions={
        <>
          <Button
            aria-expanded={open}
            aria-label={t('versions.changesOf', { name })}
            onClick={onOpen}
          >
            {t('versions.changes', { count: changes.length })}
          </Button>
          {!current && !fixed && (
            <Button aria-label={t('versions.backTo', { name })} onClick={onRollBack}>
              {t('versions.back')}
            </Button>
          )}
        </>
      }
    >
      {open && (
        <dl className="mt-3 flex flex-col gap-3">
          {changes.length === 0 && <p className="text-ink-3 text-sm">{t('versions.same')}</p>}
          {changes.map(({ name: field, before, after }) => (
            <div key={field}>
              <dt className="mb-1 font-medium text-sm">{t(`setting.${field}`)}</dt>
              <dd>
                <TextDiff before={before} after={after} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Row>
  );
}
