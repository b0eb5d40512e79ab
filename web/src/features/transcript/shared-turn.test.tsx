import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import '@/lib/i18n';
import type { Message, Part } from '@/lib/api/types';
import { SharedTurn } from './shared-turn';

const html = (fields: Partial<Message>) =>
  renderToStaticMarkup(
    <SharedTurn
      message={{
        id: 'm',
        conversation_id: 'c',
        role: 'assistant',
        status: 'completed',
        parts: [],
        created_at: '2026-01-01T00:00:00.000Z',
        ...fields,
      }}
    />,
  );
const text = (words: string): Part => ({ type: 'text', text: words });
const citation: Part = {
  type: 'citation',
  index: 1,
  file_id: 'f',
  document: 'policy.md',
  quote: 'Opened items may be sent <back>.',
  start: 0,
  end: 10,
  line_start: 3,
  line_end: 4,
};

describe('a shared message', () => {
  it('marks its citations and quotes them, with nothing to press', () => {
    const shown = html({ parts: [text('They may [1].'), citation] });
    expect(shown).toContain('Source 1: policy.md');
    expect(shown).toContain('Opened items may be sent &lt;back&gt;.');
    expect(shown).toContain('lines 3–4');
    expect(shown).not.toContain('<button');
  });

  it('says of a citation whose document is gone that it is', () => {
    const gone: Part = {
      type: 'citation',
      index: 1,
      gone: true,
      document: '',
      quote: '',
      start: 0,
      end: 0,
      line_start: 0,
      line_end: 0,
    };
    const shown = html({ parts: [text('They may [1].'), gone] });
    expect(shown).toContain('Source 1: Not here any more');
    expect(shown).toContain('Not here any more, or not open to whoever shared this.');
    expect(shown).not.toContain('blockquote');
    expect(shown).not.toContain('line 0');
  });

  it('says of a tool’s result that quotes what is gone that it is not shown', () => {
    const call: Part = { type: 'tool_call', id: 'c', name: 'find', arguments: '{}' };
    const gone: Part = { type: 'tool_result', id: 'c', output: '', is_error: false, gone: true };
    expect(html({ parts: [call, gone] })).toContain('What was found is not shown');
  });

  it('shows each tool call with its own result where their ids repeat', () => {
    const call = (given: string): Part => ({
      type: 'tool_call',
      id: 'call_0',
      name: 'find',
      arguments: given,
    });
    const result = (output: string): Part => ({
      type: 'tool_result',
      id: 'call_0',
      output,
      is_error: false,
    });
    const texts = (...parts: Part[]) =>
      [...html({ parts }).matchAll(/<pre[^>]*>([^<]*)/g)].map(([, inner]) => inner);
    const inTurn = texts(call('a'), result('one'), call('b'), result('two'), call('c'));
    expect(inTurn).toEqual(['a', 'one', 'b', 'two', 'c']);
    const atOnce = texts(call('a'), call('b'), result('one'), result('two'));
    expect(atOnce).toEqual(['a', 'one', 'b', 'two']);
  });

  it('says why an answer ends early', () => {
    expect(html({ status: 'cancelled', parts: [text('Half')] })).toContain('Stopped');
    const error = { code: 'LLM_ERROR', message: 'The model stopped.' };
    expect(html({ status: 'failed', error })).toContain('The model stopped.');
  });

  it('shows a question as it was written, without Markdown', () => {
    expect(html({ role: 'user', parts: [text('**What** is due?')] })).toContain('**What** is due?');
  });
});
