import { useParams } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { DropZone } from '@/components/ui/drop-zone';
import { AttachmentList } from '@/features/attachments/attachment-list';
import { isBusy, MOST_FILES, readyParts, type Upload } from '@/features/attachments/machine';
import { addFiles, loadUploads, useUploads } from '@/features/attachments/store';
import { Composer } from '@/features/composer/composer';
import { NEW_DRAFT, setDraft } from '@/features/composer/drafts';
import { FeedbackButtons, FeedbackForm } from '@/features/feedback/feedback';
import { useModels } from '@/features/models/api';
import { ModelPicker } from '@/features/models/model-picker';
import { closeSources, openSources, useSources } from '@/features/sources/store';
import { useOnline, useSecondsLeft } from '@/lib/hooks';
import { duration } from '@/lib/time';
import { ChatHeader } from './chat-header';
import type { ScreenActions } from './live-transcript';
import { CreateNotice, RejectionNotice } from './notices';
import { SourcesPane } from './sources-pane';
import { LoadFailed, TranscriptSkeleton } from './states';
import { useChat } from './use-chat';
import { Welcome } from './welcome';

// Its Markdown is a third of the page's code, and the page of a new chat does without.
const LiveTranscript = lazy(() => import('./live-transcript'));
const ChatbotPicker = lazy(() => import('@/features/chatbots/chatbot-picker'));

export function NewChat() {
  return <ChatScreen conversationId={null} />;
}

export function Conversation() {
  const { conversationId } = useParams({ from: '/shell/c/$conversationId' });
  return <ChatScreen key={conversationId} conversationId={conversationId} />;
}

function ChatScreen({ conversationId }: { conversationId: string | null }) {
  const { t } = useTranslation();
  const chat = useChat(conversationId);
  const draft = conversationId ?? NEW_DRAFT;
  const uploads = useUploads(draft);
  const picker = useRef<HTMLInputElement>(null);
  const actions = useTurnActions(chat);
  const blocked = useBlocked(chat, uploads);
  const conversation = chat.transcript.data?.conversation ?? null;
  // Until the server has taken the first message, the page goes on as the new chat it was.
  const begun = conversation?.message_count !== 0;
  const title = conversation?.title ?? t(begun ? 'conversations.untitled' : 'conversations.new');

  useEffect(() => loadUploads(draft), [draft]);
  useEffect(() => {
    document.title = conversationId === null ? 'VPAura' : `${title} · VPAura`;
  }, [conversationId, title]);
  // The screen is another one for each conversation.
  useEffect(() => closeSources, []);
  const asked = chat.run?.phase === 'waiting';
  // Where the reader is asked something, Escape would throw the answer away with the question.
  useEscape(chat.busy && !asked ? chat.stop : closeSources);

  const { creating } = chat;
  const onFiles = useCallback(
    (files: File[]) => {
      if (!creating) addFiles(draft, files);
    },
    [draft, creating],
  );
  const lost = chat.transcript.isError && !chat.hasTurns;
  const empty = conversationId === null || (chat.transcript.isSuccess && !chat.hasTurns);
  return (
    <>
      <div className="flex min-w-0 flex-1 flex-col">
        <ChatHeader
          conversation={conversation}
          title={conversationId === null || lost ? null : title}
        />
        {lost ? (
          <LoadFailed error={chat.transcript.error} onRetry={() => chat.transcript.refetch()} />
        ) : empty ? (
          <Welcome
            onStarter={(text) => {
              setDraft(draft, text);
              picker.current?.form?.querySelector('textarea')?.focus();
            }}
            onAttach={() => picker.current?.click()}
          />
        ) : !chat.hasTurns ? (
          <TranscriptSkeleton />
        ) : (
          <Suspense fallback={<TranscriptSkeleton />}>
            <LiveTranscript
              conversationId={conversationId}
              messages={chat.messages}
              actions={actions}
              hasOlder={chat.transcript.hasNextPage}
              loadingOlder={chat.transcript.isFetchingNextPage}
              onOlder={() => void chat.transcript.fetchNextPage({ cancelRefetch: false })}
            />
          </Suspense>
        )}
        <div className="gutter shrink-0 overflow-y-hidden" hidden={lost}>
          <div className="mx-auto w-full max-w-measure px-4 pt-1 pb-[max(1rem,env(safe-area-inset-bottom))] max-sm:px-2 max-sm:pb-2">
            {chat.run?.phase === 'rejected' && (
              <RejectionNotice run={chat.run} onAgain={chat.again} onDismiss={chat.dismissError} />
            )}
            {chat.createError && (
              <CreateNotice error={chat.createError} onDismiss={chat.dismissError} />
            )}
            <Composer
              draft={draft}
              placeholder={t(empty ? 'composer.first' : 'composer.followUp')}
              blocked={blocked}
              locked={creating}
              running={chat.busy}
              stopping={chat.stopping || chat.run?.runId === null}
              onSend={(text) => void chat.send(text)}
              onStop={chat.stop}
              onFiles={onFiles}
              picker={picker}
              attachments={<AttachmentList draft={draft} uploads={uploads} />}
              tools={
                <>
                  {conversationId === null && (
                    <Suspense>
                      <ChatbotPicker />
                    </Suspense>
                  )}
                  <ModelPicker />
                </>
              }
            />
          </div>
        </div>
      </div>
      <SourcesPane />
      <DropZone text={t('files.drop')} onDrop={({ files }) => onFiles([...files])} />
    </>
  );
}

type Chat = ReturnType<typeof useChat>;

function useTurnActions(chat: Chat): ScreenActions {
  const models = useModels().data?.items;
  const shownSource = useSources((state) => state.shown);
  const { busy, edit, regenerate, showBranch } = chat;
  return useMemo(
    () => ({
      busy,
      edit,
      regenerate,
      showBranch,
      openSource: openSources,
      shownSource,
      models: models ?? [],
      feedbackButtons: (message) => <FeedbackButtons message={message} />,
      feedbackForm: (message) => <FeedbackForm message={message} />,
    }),
    [busy, edit, regenerate, showBranch, shownSource, models],
  );
}

/** Why nothing can be sent just now; null when something can. */
function useBlocked(chat: Chat, uploads: readonly Upload[]): string | null {
  const { t } = useTranslation();
  const online = useOnline();
  const wait = useSecondsLeft(chat.run?.rejection?.retryAt ?? null);
  if (!online) return t('composer.offline');
  if (chat.run?.phase === 'waiting') return t('composer.asked');
  if (chat.busy || chat.creating) return t('composer.running');
  if (isBusy(uploads)) return t('composer.uploading');
  if (readyParts(uploads).length > MOST_FILES) return t('composer.tooMany', { most: MOST_FILES });
  if (wait > 0) return t('composer.wait', { time: duration(wait) });
  return null;
}

/** Escape stops the answer, else closes the sources; open dialogs and menus take it first. */
function useEscape(run: () => void) {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return;
      if (document.querySelector('[role="dialog"],[role="menu"]')) return;
      latest.current();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
