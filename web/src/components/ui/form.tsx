import { createContext, type FormEvent, type ReactNode, useContext } from 'react';
import { ApiError } from '@/lib/api/error';
import { cn } from '@/lib/cn';
import { Button } from './button';
import { Refusal } from './refusal';
import { Spinner } from './spinner';

/** The fields of a form by name; boxes that are ticked are `on`. */
export type Values = Record<string, string>;

interface FormProps {
  /** What sending it is called. */
  submit: string;
  onSubmit: (values: Values, form: HTMLFormElement) => void;
  busy: boolean;
  /** Why the server did not take it. */
  error: Error | null;
  look?: 'primary' | 'danger';
  /** Whether the button takes the whole width. */
  wide?: boolean;
  /** Shown beside the button. */
  aside?: ReactNode;
  label?: string;
  disabled?: boolean;
  className?: string;
  children?: ReactNode;
}

const Refused = createContext<Error | null>(null);

/** What the server says is wrong with the field of this name. */
export function useFieldError(name: string | undefined): string | null {
  const error = useContext(Refused);
  if (!(error instanceof ApiError) || error.status !== 422 || error.details.field !== name) {
    return null;
  }
  return typeof error.details.reason === 'string' ? error.details.reason : error.message;
}

/** A form that says at its foot why the server did not take it, and keeps what was typed. */
export function Form({ submit, onSubmit, busy, error, look = 'primary', ...props }: FormProps) {
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // Forms in dialogs lie within other forms as far as React sees.
    event.stopPropagation();
    if (busy) return;
    const form = event.currentTarget;
    const values = Object.fromEntries(
      [...new FormData(form)].map(([name, value]) => [name, String(value)]),
    );
    onSubmit(values, form);
  };
  return (
    <Refused value={error}>
      <form
        onSubmit={send}
        aria-label={props.label}
        className={cn('flex flex-col gap-4', props.className)}
      >
        {props.children}
        <Refusal error={error} />
        <div className="flex flex-wrap items-center gap-3">
          <Button
            type="submit"
            look={look}
            disabled={props.disabled}
            aria-disabled={busy}
            className={props.wide ? 'h-10 w-full' : undefined}
          >
            {busy && <Spinner />}
            {submit}
          </Button>
          {props.aside}
        </div>
      </form>
    </Refused>
  );
}
