// Both screens share their parts: one file to fetch.
export { Chatbots } from './chatbots-screen';
export { ChatbotEditor } from './editor-screen';
