import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Loaded } from '@/components/ui/loaded';
import { Refusal } from '@/components/ui/refusal';
import { Row, Rows, Tag } from '@/components/ui/rows';
import { TextDiff } from '@/components/ui/text-diff';
import type { Prompt } from '@/lib/api/identity-types';
import { moment } from '@/lib/time';
import { usePromptVersions, useRollBackPrompt } from './api';

interface PromptVersionsProps {
  prompt: Prompt;
  fixed: boolean;
  onRolledBack: () => void;
}

export function PromptVersions({ prompt, fixed, onRolledBack }: PromptVersionsProps) {
  const { t } = useTranslation();
  const versions = usePromptVersions(prompt.id);
  const rollBack = useRollBackPrompt(prompt.id);
  const [open, setOpen] = useState<number | null>(null);
  return (
    <div className="flex flex-col items-start gap-3">
      <Refusal error={rollBack.error} />
      <div className="w-full">
        <Loaded query={versions}>
          {(items) => (
            <Rows label={t('versions.title')} empty={t('versions.none')}>
              {items.map(({ version, text, created_at }, index) => {
                const name = t('versions.name', { version });
                const current = version === prompt.version;
                return (
                  <Row
                    key={version}
                    title={
                      <>
                        {name}
                        {current && <Tag tone="accent">{t('versions.current')}</Tag>}
                      </>
                    }
                    sub={moment(created_at)}
                    actions={
                      <>
                        <Button
                          aria-expanded={open === version}
                          aria-label={t('versions.changesOf', { name })}
                          onClick={() => setOpen(open === version ? null : version)}
                        >
                          {t('versions.show')}
                        </Button>
                        {!current && !fixed && (
                          <Button
                            aria-label={t('versions.backTo', { name })}
                            onClick={() => rollBack.mutate(version, { onSuccess: onRolledBack })}
                          >
                            {t('versions.back')}
                          </Button>
                        )}
                      </>
                    }
                  >
                    {open === version && (
                      <div className="mt-3">
                        <TextDiff before={items[index + 1]?.text ?? null} after={text} />
                      </div>
                    )}
                  </Row>
                );
              })}
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
