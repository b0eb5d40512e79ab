import { Link, useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Form } from '@/components/ui/form';
import { Loaded } from '@/components/ui/loaded';
import { Row, Rows, Tag } from '@/components/ui/rows';
import type { Me } from '@/lib/api/identity-types';
import { may } from '@/lib/api/me';
import { moment } from '@/lib/time';
import { useChatbots, useCreateChatbot } from './api';

/** The chatbots that one may use or change. */
export function ChatbotList({ me }: { me: Me }) {
  const { t } = useTranslation();
  const chatbots = useChatbots();
  const [creating, setCreating] = useState(false);
  return (
    <div className="flex flex-col items-start gap-3">
      <div className="w-full">
        <Loaded query={chatbots}>
          {(items) => (
            <Rows label={t('chatbots.title')} empty={t('chatbots.none')}>
              {items.map((chatbot) => (
                <Row
                  key={chatbot.id}
                  title={
                    <>
                      <Link
                        to="/chatbots/$chatbotId"
                        params={{ chatbotId: chatbot.id }}
                        className="rounded-control hover:underline"
                      >
                        {chatbot.name}
                      </Link>
                      {chatbot.is_default && <Tag tone="accent">{t('chatbots.default')}</Tag>}
                      {chatbot.visibility === 'private' && <Tag>{t('chatbots.private')}</Tag>}
                    </>
                  }
                  sub={[
                    chatbot.description,
                    chatbot.settings.model ?? t('chatbots.usualModel'),
                    t('chatbots.versionOf', {
                      version: chatbot.version,
                      time: moment(chatbot.updated_at),
                    }),
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                />
              ))}
            </Rows>
          )}
        </Loaded>
      </div>
      {chatbots.hasNextPage && (
        <Button onClick={() => void chatbots.fetchNextPage()}>{t('page.more')}</Button>
      )}
      {may(me, 'chatbots:write') && (
        <Button look="primary" onClick={() => setCreating(true)}>
          <Plus aria-hidden className="size-3.5" />
          {t('chatbots.create')}
        </Button>
      )}
      {creating && <CreateDialog onClose={() => setCreating(false)} />}
    </div>
  );
}

function CreateDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const create = useCreateChatbot();
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('chatbots.create')}
      description={t('chatbots.createText')}
    >
      <Form
        className="mt-4"
        submit={t('chatbots.create')}
        busy={create.isPending}
        error={create.error}
        aside={<Button onClick={onClose}>{t('action.cancel')}</Button>}
        onSubmit={({ name = '' }) =>
          create.mutate(name.trim(), {
            onSuccess: ({ id }) =>
              void navigate({ to: '/chatbots/$chatbotId', params: { chatbotId: id } }),
          })
        }
      >
        <Field label={t('chatbots.name')} name="name" required maxLength={200} autoComplete="off" />
      </Form>
    </Dialog>
  );
}
