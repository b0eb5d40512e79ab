import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { create } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { readyParts } from '@/features/attachments/machine';
import { clearUploads, restoreUploads, uploadsOf } from '@/features/attachments/store';
import { useChosenChatbot } from '@/features/chatbots/choice';
import { draftText, NEW_DRAFT, sendDraft, setDraft } from '@/features/composer/drafts';
import {
  createConversation,
  deleteConversation,
  usePatchConversation,
} from '@/features/conversations/api';
import { useModels } from '@/features/models/api';
import { useModelChoice, validChoice } from '@/features/models/store';
import { shownTurns } from '@/features/runs/merge';
import { type Attempt, isOver, type LiveRun, type Phase } from '@/features/runs/reducer';
import {
  attachRun,
  clearRun,
  leaveRun,
  liveRun,
  resumeRun,
  startRun,
  stopRun,
  useRuns,
} from '@/features/runs/store';
import { beginTranscript, useTranscript } from '@/features/transcript/api';
import { announce } from '@/lib/announce';
import { type ApiError, toApiError } from '@/lib/api/error';
import type { FilePart, MessageView } from '@/lib/api/types';
import { toastError } from '@/lib/toast';
import { uuid } from '@/lib/uuid';

const NO_MESSAGES: MessageView[] = [];

/** One conversation (or the one to be) as the screen needs it: what is shown, and what can be done. */
export function useChat(conversationId: string | null) {
  const transcript = useTranscript(conversationId);
  const run = useRunState(conversationId);
  const messages = transcript.data?.messages ?? NO_MESSAGES;
  const busy = run !== null && !isOver(run.phase);

  useRunOf(conversationId, transcript.data?.activeRun ?? null, run?.phase ?? null);
  useDraftBack(conversationId, run);
  const start = useStart(conversationId, messages);
  const branch = useBranch(conversationId, run);
  const stop = useStop(conversationId, run);
  const hasTurns = messages.length > 0 || (run !== null && run.phase !== 'rejected');
  return { transcript, messages, run, busy, hasTurns, ...start, ...branch, ...stop };
}

/** What the screen around the transcript knows of a run: not the text, which changes each frame. */
export type RunState = Pick<LiveRun, 'phase' | 'runId' | 'attempt' | 'rejection'>;

function useRunState(conversationId: string | null): RunState | null {
  return useRuns(
    useShallow(({ live }) => {
      const run = conversationId === null ? undefined : live[conversationId];
      if (!run) return null;
      const { phase, runId, attempt, rejection } = run;
      return { phase, runId, attempt, rejection };
    }),
  );
}

type ActiveRun = Parameters<typeof attachRun>[0] | null;

/** Follows the conversation's run while the conversation is on the screen. */
function useRunOf(conversationId: string | null, activeRun: ActiveRun, phase: Phase | null) {
  useEffect(() => {
    if (conversationId === null) return;
    resumeRun(conversationId);
    return () => leaveRun(conversationId);
  }, [conversationId]);
  // A run that waited and goes on, whoever answered.
  useEffect(() => {
    if (conversationId !== null && phase === 'streaming') resumeRun(conversationId);
  }, [conversationId, phase]);
  useEffect(() => {
    if (activeRun !== null && !activeRun.finished_at) attachRun(activeRun);
  }, [activeRun]);
}

/** What was never sent comes back into the composer, unless something new stands there. */
function useDraftBack(conversationId: string | null, run: RunState | null) {
  const rejected = run?.phase === 'rejected' && !run.rejection?.acknowledged;
  const attempt = rejected ? run.attempt : null;
  useEffect(() => {
    if (conversationId === null || attempt?.kind !== 'send') return;
    if (draftText(conversationId) !== '') return;
    setDraft(conversationId, attempt.text);
    restoreUploads(conversationId, attempt.files);
  }, [conversationId, attempt]);
}

/** Whether the new chat's conversation is being made: its page may come and go meanwhile. */
const useCreating = create<{ creating: boolean }>(() => ({ creating: false }));

/** The end of what is shown, which may be an answer that is not fetched yet. */
const endOf = (messages: MessageView[], conversationId: string): string | null =>
  shownTurns(messages, liveRun(conversationId)).at(-1)?.message.id || null;

function useStart(conversationId: string | null, messages: MessageView[]) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  const models = useModels().data;
  const model = validChoice(
    useModelChoice((state) => state.model),
    models,
  );
  const creating = useCreating((state) => state.creating);
  const [createError, setCreateError] = useState<ApiError | null>(null);

  const begin = useCallback(
    (id: string, attempt: Attempt) => {
      announce(t('announce.started'));
      startRun(id, attempt);
    },
    [t],
  );

  const send = useCallback(
    async (text: string) => {
      const key = uuid();
      const draft = conversationId ?? NEW_DRAFT;
      const files = readyParts(uploadsOf(draft));
      let id = conversationId;
      if (id === null) {
        if (useCreating.getState().creating) return;
        useCreating.setState({ creating: true });
        setCreateError(null);
        try {
          const conversation = await createConversation(
            `${key}-conversation`,
            useChosenChatbot.getState().id,
          );
          id = conversation.id;
          // The reader went elsewhere and is not pulled back; what they wrote is there still.
          if (router.state.location.pathname !== '/') return void (await deleteConversation(id));
          await beginTranscript(client, conversation);
        } catch (cause) {
          setCreateError(toApiError(cause));
          return;
        } finally {
          useCreating.setState({ creating: false });
        }
      }
      const parentId = endOf(messages, id);
      sendDraft(draft, id, text);
      clearUploads(draft);
      begin(id, { kind: 'send', text, files, parentId, model, key });
      if (conversationId === null) {
        await navigate({ to: '/c/$conversationId', params: { conversationId: id } });
      }
    },
    [conversationId, messages, model, client, navigate, router, begin],
  );

  const edit = useCallback(
    (message: MessageView, text: string, files: FilePart[]) => {
      if (conversationId === null) return;
      const { id: messageId, parent_id } = message;
      begin(conversationId, {
        kind: 'edit',
        messageId,
        text,
        files,
        parentId: parent_id ?? null,
        model,
        key: uuid(),
      });
    },
    [conversationId, model, begin],
  );

  const regenerate = useCallback(
    (message: MessageView, withModel: string | null) => {
      if (conversationId === null) return;
      begin(conversationId, {
        kind: 'regenerate',
        messageId: message.id,
        userMessageId: message.parent_id ?? '',
        model: withModel ?? model,
        key: uuid(),
      });
    },
    [conversationId, model, begin],
  );

  /**
   * Tries again. What may have arrived all the same goes out word for word under its key, which the
   * server takes once; what it has refused goes behind what is shown by now.
   */
  const again = useCallback(
    (attempt: Attempt) => {
      if (conversationId === null) return;
      if (attempt.kind !== 'send') return begin(conversationId, attempt);
      const status = liveRun(conversationId)?.rejection?.status ?? 0;
      const refused = status >= 400 && status < 500;
      const inComposer = draftText(conversationId).trim() === attempt.text;
      if (inComposer && refused) return void send(attempt.text);
      if (inComposer) {
        sendDraft(conversationId, conversationId, attempt.text);
        clearUploads(conversationId);
      }
      const parentId = endOf(messages, conversationId);
      begin(conversationId, refused ? { ...attempt, parentId, model, key: uuid() } : attempt);
    },
    [conversationId, messages, model, begin, send],
  );

  const dismissError = useCallback(() => {
    setCreateError(null);
    if (conversationId !== null) clearRun(conversationId);
  }, [conversationId]);

  return { send, edit, regenerate, again, creating, createError, dismissError };
}

function useBranch(conversationId: string | null, run: RunState | null) {
  const { t } = useTranslation();
  const patch = usePatchConversation();
  const { mutate } = patch;
  const over = run !== null && isOver(run.phase);
  const showBranch = useCallback(
    (messageId: string) => {
      if (conversationId === null) return;
      if (over) clearRun(conversationId);
      mutate(
        { id: conversationId, changes: { head_message_id: messageId } },
        { onError: () => toastError(t('error.branch')) },
      );
    },
    [conversationId, over, mutate, t],
  );
  return { showBranch };
}

function useStop(conversationId: string | null, run: RunState | null) {
  const { t } = useTranslation();
  const [stoppedRun, setStoppedRun] = useState<string | null>(null);
  const runId = run?.runId ?? null;
  const stopping = runId !== null && stoppedRun === runId;
  const stop = useCallback(() => {
    if (conversationId === null || runId === null) return;
    setStoppedRun(runId);
    stopRun(conversationId).catch(() => {
      setStoppedRun(null);
      toastError(t('error.stop'));
    });
  }, [conversationId, runId, t]);
  return { stop, stopping };
}
