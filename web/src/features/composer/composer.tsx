import { ArrowUp, Paperclip, Square } from 'lucide-react';
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
} from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '@/components/ui/icon-button';
import { Tip } from '@/components/ui/tip';
import { cn } from '@/lib/cn';
import { ACCEPTED_FILES } from '@/lib/file-kinds';
import { useMedia } from '@/lib/hooks';
import { setDraft, useDraftText } from './drafts';

interface ComposerProps {
  draft: string;
  placeholder: string;
  /** Why a message cannot be sent just now; null when it can. */
  blocked: string | null;
  /** What stands there is being sent: nothing can be changed. */
  locked: boolean;
  running: boolean;
  stopping: boolean;
  onSend: (text: string) => void;
  onStop: () => void;
  onFiles: (files: File[]) => void;
  /** The hidden file field, for others that offer to attach. */
  picker: RefObject<HTMLInputElement | null>;
  attachments: ReactNode;
  /** Controls at the start of the foot row. */
  tools: ReactNode;
}

const MAX_HEIGHT_SHARE = 0.4;

export function Composer(props: ComposerProps) {
  const { draft, placeholder, blocked, running, stopping, onSend, onStop, onFiles, picker } = props;
  const { t } = useTranslation();
  const text = useDraftText(draft);
  const area = useRef<HTMLTextAreaElement>(null);
  const reasonId = useId();
  const touch = useMedia('(pointer: coarse)');
  const reason = blocked ?? (text.trim() === '' ? t('composer.empty') : null);

  useAutosize(area, text);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of conversation focuses the field
  useEffect(() => {
    if (!touch) area.current?.focus();
  }, [draft, touch]);

  const send = () => {
    if (reason === null) onSend(text.trim());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes, Enter chooses a word; Safari reports it as key code 229.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key !== 'Enter' || event.shiftKey || touch) return;
    event.preventDefault();
    send();
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    onFiles(files);
  };

  return (
    <form
      aria-label={t('composer.label')}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      className="rounded-panel border border-control bg-raise shadow-low transition-colors duration-[120ms] focus-within:border-accent"
    >
      {props.attachments}
      <textarea
        ref={area}
        rows={1}
        value={text}
        readOnly={props.locked}
        onChange={(event) => setDraft(draft, event.target.value)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        aria-label={t('composer.field')}
        placeholder={placeholder}
        dir="auto"
        enterKeyHint={touch ? 'enter' : 'send'}
        className="block max-h-[40vh] w-full resize-none overflow-y-auto bg-transparent px-4 pt-3 pb-1 text-read outline-none"
      />
      <div className="flex items-center gap-1 p-2">
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          accept={ACCEPTED_FILES}
          data-file-picker
          onChange={(event) => {
            onFiles([...(event.target.files ?? [])]);
            // So that choosing the same file again is a change again.
            event.target.value = '';
          }}
        />
        <IconButton label={t('composer.attach')} side="top" onClick={() => picker.current?.click()}>
          <Paperclip aria-hidden className="size-[18px]" />
        </IconButton>
        {props.tools}
        <div className="ms-auto">
          {running ? (
            <IconButton
              label={stopping ? t('composer.stopping') : t('composer.stop')}
              keys="Esc"
              side="top"
              disabled={stopping}
              onClick={onStop}
              className="rounded-full! bg-ink text-bg! hover:bg-ink-2! disabled:hover:bg-ink!"
            >
              <Square aria-hidden className="size-3" fill="currentColor" />
            </IconButton>
          ) : (
            <Tip
              text={reason ?? t('composer.send')}
              keys={reason === null ? '↵' : undefined}
              side="top"
            >
              <button
                type="submit"
                aria-label={t('composer.send')}
                aria-disabled={reason !== null}
                aria-describedby={reason === null ? undefined : reasonId}
                className={cn(
                  'inline-flex size-8 items-center justify-center rounded-full transition duration-[120ms] touch:size-11',
                  reason === null
                    ? 'bg-accent text-on-accent hover:brightness-110'
                    : 'cursor-not-allowed bg-hover text-ink-3',
                )}
              >
                <ArrowUp aria-hidden className="size-[18px]" />
              </button>
            </Tip>
          )}
        </div>
      </div>
      <span id={reasonId} className="sr-only">
        {reason}
      </span>
    </form>
  );
}

function useAutosize(area: RefObject<HTMLTextAreaElement | null>, text: string) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const field = area.current;
    if (!field) return;
    field.style.height = 'auto';
    field.style.height = `${Math.min(field.scrollHeight, window.innerHeight * MAX_HEIGHT_SHARE)}px`;
  }, [area, text]);
}
