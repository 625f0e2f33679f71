// Drives the simulated Telegram with grammY.

import { createServer } from "node:http";
import { Bot, GrammyError, InlineKeyboard, InputFile, InputMediaBuilder, Keyboard, webhookCallback } from "grammy";
import { admin, arrived, base, check, expect, refused, world } from "./checks.mjs";

const { token, channel, group, user, username } = world.telegram;
const client = { apiRoot: base };
const picture = new InputFile(Buffer.from(world.picture, "base64"), "двор.png");
const seen = [];

const bot = new Bot(token, { client });
bot.command("start", (ctx) =>
  ctx.reply("Оцените ответ", { reply_markup: new InlineKeyboard().text("Хорошо", "rate:5") }));
bot.callbackQuery("rate:5", (ctx) => ctx.answerCallbackQuery("Спасибо"));
bot.use((ctx) => {
  seen.push(ctx.update);
});
bot.catch(({ error }) => console.log(`not ok handler: ${error.message}`));

const polling = bot.start({
  allowed_updates: [
    "message", "edited_message", "channel_post", "edited_channel_post", "callback_query", "poll", "poll_answer",
    "message_reaction", "message_reaction_count", "my_chat_member",
  ],
});

await check("getMe and getChat", async () => {
  const me = await bot.api.getMe();
  const chat = await bot.api.getChat(`@${username}`);
  const member = await bot.api.getChatMember(group, me.id);
  expect(me.is_bot && chat.linked_chat_id === group && member.status === "administrator", JSON.stringify({ me, chat, member }));
  expect((await bot.api.getChatMemberCount(group)) >= 1, "the group is empty");
});

await check("long poll: a post, its automatic forward, a comment, an edit", async () => {
  await bot.api.getMe();
  const post = await admin("telegram/posts", { channel_id: channel, text: "Ремонт моста" });
  const forward = await arrived(seen, (u) => u.message?.is_automatic_forward && u.message.forward_origin.message_id === post.message_id, "the forward");
  await admin("telegram/comments", { channel_id: channel, post_id: post.message_id, from_id: user, text: "Когда?" });
  const comment = await arrived(seen, (u) => u.message?.text === "Когда?", "the comment");
  expect(comment.message.reply_to_message.message_id === forward.message.message_id, JSON.stringify(comment));
  const answer = await bot.api.sendMessage(group, "<b>Завтра</b>", {
    parse_mode: "HTML", reply_parameters: { message_id: comment.message.message_id },
  });
  expect(answer.text === "Завтра" && answer.entities[0].type === "bold", JSON.stringify(answer));
  expect(answer.message_thread_id === forward.message.message_id, JSON.stringify(answer));
  const edited = await bot.api.editMessageText(group, answer.message_id, "Послезавтра");
  expect(edited.edit_date > 0, JSON.stringify(edited));
  await bot.api.deleteMessage(group, answer.message_id);
});

await check("upload: a photo, its download, an album, a document", async () => {
  const sent = await bot.api.sendPhoto(channel, picture, { caption: "Двор" });
  const file = await bot.api.getFile(sent.photo.at(-1).file_id);
  const bytes = await (await fetch(`${base}/file/bot${token}/${file.file_path}`)).arrayBuffer();
  expect(bytes.byteLength === file.file_size, `${bytes.byteLength} of ${file.file_size} bytes`);
  const again = await bot.api.sendPhoto(group, file.file_id);
  expect(again.photo[0].file_id === file.file_id, JSON.stringify(again));
  const album = await bot.api.sendMediaGroup(channel, [
    InputMediaBuilder.photo(picture, { caption: "До" }), InputMediaBuilder.photo(file.file_id),
  ]);
  expect(album.length === 2 && album[0].media_group_id === album[1].media_group_id, JSON.stringify(album));
  const document = await bot.api.sendDocument(group, new InputFile(Buffer.from("акт"), "акт.txt"));
  expect(document.document.file_name === "акт.txt", JSON.stringify(document));
});

await check("poll: votes are counted and the poll is stopped", async () => {
  const sent = await bot.api.sendPoll(channel, "Где лавки?", [{ text: "Парк" }, { text: "Двор" }]);
  await admin("telegram/votes", { chat_id: channel, message_id: sent.message_id, user_id: user, options: [1] });
  await arrived(seen, (u) => u.poll?.id === sent.poll.id && u.poll.total_voter_count === 1, "the vote");
  const closed = await bot.api.stopPoll(channel, sent.message_id);
  expect(closed.is_closed && closed.options[1].voter_count === 1, JSON.stringify(closed));
});

await check("reactions are told", async () => {
  const sent = await bot.api.sendMessage(channel, "Как вам?");
  await admin("telegram/reactions", { chat_id: channel, message_id: sent.message_id, user_id: user, emoji: "👍" });
  await arrived(seen, (u) => u.message_reaction_count?.message_id === sent.message_id, "the count");
  await bot.api.setMessageReaction(channel, sent.message_id, [{ type: "emoji", emoji: "🔥" }]);
});

await check("private messages: /start, a button, a keyboard, a block", async () => {
  await admin("telegram/private", { bot_id: world.telegram.bot, user_id: user, text: "/start" });
  let question;
  for (let i = 0; i < 250 && question === undefined; i++) {
    const chat = await admin(`telegram/private/${world.telegram.bot}/${user}`);
    question = chat.messages.find((m) => m.buttons?.length);
  }
  expect(question?.text === "Оцените ответ", "the bot did not answer /start");
  await admin("telegram/presses", { chat_id: user, message_id: question.message_id, user_id: user, data: "rate:5" });
  await bot.api.sendMessage(user, "Тема?", { reply_markup: new Keyboard().text("Дороги").resized() });
  await admin("telegram/blocks", { bot_id: world.telegram.bot, user_id: user, blocked: true });
  const error = await refused(bot.api.sendMessage(user, "Вы здесь?"));
  expect(error instanceof GrammyError && error.error_code === 403 && error.description.includes("blocked by the user"), String(error));
  await arrived(seen, (u) => u.my_chat_member?.new_chat_member.status === "kicked", "the block");
});

await check("errors are those that grammY knows", async () => {
  await admin("telegram/faults", { method: "sendMessage", kind: "error", code: 429, retry_after: 4 });
  const limited = await refused(bot.api.sendMessage(group, "а"));
  expect(limited instanceof GrammyError && limited.parameters.retry_after === 4, String(limited));
  const broken = await refused(bot.api.sendMessage(group, "<b>а", { parse_mode: "HTML" }));
  expect(broken.description.includes("can't parse entities"), broken.description);
});

await check("edits, copies, pins and deletions", async () => {
  const sent = await bot.api.sendPhoto(group, picture, { caption: "Было" });
  const captioned = await bot.api.editMessageCaption(group, sent.message_id, { caption: "*Стало*", parse_mode: "MarkdownV2" });
  expect(captioned.caption === "Стало" && captioned.caption_entities[0].type === "bold", JSON.stringify(captioned));
  const replaced = await bot.api.editMessageMedia(group, sent.message_id, InputMediaBuilder.video(new InputFile(Buffer.from("видео"), "a.mp4")));
  expect(replaced.video && !replaced.photo, JSON.stringify(replaced));
  await bot.api.editMessageReplyMarkup(group, sent.message_id, { reply_markup: new InlineKeyboard().url("Сайт", "https://example.org") });
  await bot.api.pinChatMessage(group, sent.message_id);
  await bot.api.unpinChatMessage(group, sent.message_id);
  await bot.api.pinChatMessage(group, sent.message_id);
  await bot.api.unpinAllChatMessages(group);
  const copy = await bot.api.copyMessage(channel, group, sent.message_id, { caption: "Копия" });
  const forward = await bot.api.forwardMessage(channel, group, sent.message_id);
  expect(forward.forward_origin.type === "user", JSON.stringify(forward));
  const copies = await bot.api.copyMessages(group, channel, [copy.message_id, forward.message_id]);
  const forwards = await bot.api.forwardMessages(group, channel, [copy.message_id, forward.message_id]);
  await bot.api.deleteMessages(group, [...copies, ...forwards].map((m) => m.message_id));
  await bot.api.deleteMessage(group, sent.message_id);
});

await check("files of the other kinds", async () => {
  const file = (name) => new InputFile(Buffer.from(name), name);
  expect((await bot.api.sendVideo(group, file("a.mp4"))).video, "no video");
  expect((await bot.api.sendAnimation(group, file("b.mp4"))).animation, "no animation");
  expect((await bot.api.sendAudio(group, file("c.mp3"))).audio, "no audio");
  expect((await bot.api.sendVoice(group, file("d.ogg"))).voice, "no voice");
  await bot.api.sendChatAction(group, "upload_document");
});

await check("the bot's profile", async () => {
  await bot.api.setMyCommands([{ command: "start", description: "Начать" }]);
  expect((await bot.api.getMyCommands())[0].command === "start", "no command");
  await bot.api.deleteMyCommands();
  await bot.api.setMyName("Приёмная");
  expect((await bot.api.getMyName()).name === "Приёмная", "no name");
  await bot.api.setMyDescription("Сообщите о проблеме");
  expect((await bot.api.getMyDescription()).description === "Сообщите о проблеме", "no description");
  await bot.api.setMyShortDescription("Город слушает");
  expect((await bot.api.getMyShortDescription()).short_description === "Город слушает", "no short description");
  await bot.api.setChatMenuButton({ menu_button: { type: "commands" } });
  expect((await bot.api.getChatMenuButton()).type === "commands", "no menu button");
  expect((await bot.api.getChatAdministrators(channel)).length === 1, "no administrators");
});

await bot.stop();
await polling;

await check("webhook: the update comes with the secret", async () => {
  const taken = [];
  const hooked = new Bot(token, { client });
  await hooked.init();
  hooked.use((ctx) => {
    taken.push(ctx.update);
  });
  const server = createServer(webhookCallback(hooked, "http", { secretToken: "s3cret" }));
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  try {
    await hooked.api.setWebhook(`http://127.0.0.1:${server.address().port}/`, {
      secret_token: "s3cret", drop_pending_updates: true, allowed_updates: ["message"], max_connections: 7,
    });
    await admin("telegram/comments", { group_id: group, from_id: user, text: "Через вебхук" });
    await arrived(taken, (u) => u.message?.text === "Через вебхук", "the update");
    const info = await hooked.api.getWebhookInfo();
    expect(info.max_connections === 7 && info.allowed_updates[0] === "message", JSON.stringify(info));
    await refused(hooked.api.getUpdates());
  } finally {
    await hooked.api.deleteWebhook();
    server.close();
  }
});

await check("the bot leaves and logs out", async () => {
  await bot.api.leaveChat(group);
  const error = await refused(bot.api.sendMessage(group, "а"));
  expect(error.error_code === 403, String(error));
  await bot.api.close();
  await bot.api.logOut();
  await refused(bot.api.getMe());
});
