import { create } from 'zustand';

/** The chatbot that answers the next new conversation. */
export interface Chosen {
  /** Null for the workspace's default one. */
  id: string | null;
  /** What it says before anybody asks. */
  greeting: string | null;
}

export const useChosenChatbot = create<Chosen>(() => ({ id: null, greeting: null }));
