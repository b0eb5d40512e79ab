import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Loaded } from '@/components/ui/loaded';
import { Row, Rows, Tag } from '@/components/ui/rows';
import { moment } from '@/lib/time';
import { usePrompts } from './api';

/** The library, and the templates that lie beside the server. */
export function PromptList() {
  const { t } = useTranslation();
  return (
    <Loaded query={usePrompts()}>
      {({ items, files }) => (
        <Rows label={t('prompts.title')} empty={t('prompts.none')}>
          {[
            ...items.map((prompt) => (
              <Row
                key={prompt.id}
                title={
                  <Link
                    to="/prompts/$promptId"
                    params={{ promptId: prompt.id }}
                    className="rounded-control font-mono text-sm hover:underline"
                  >
                    {prompt.name}
                  </Link>
                }
                sub={[
                  prompt.description,
                  t('chatbots.versionOf', {
                    version: prompt.version,
                    time: moment(prompt.updated_at),
                  }),
                ]
                  .filter(Boolean)
                  .join(' · ')}
              />
            )),
            ...files.map(({ name }) => (
              <Row
                key={`file ${name}`}
                title={
                  <>
                    <span className="font-mono text-sm">{name}</span>
                    <Tag>{t('prompts.file')}</Tag>
                  </>
                }
                sub={t('prompts.fileText')}
              />
            )),
          ]}
        </Rows>
      )}
    </Loaded>
  );
}
