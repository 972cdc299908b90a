/*
 * AT news: what each field tells unsolicited when the model has changed.
 *
 * Owns: what was last told, in struct qk_at. Does not know: ports, framing, which port it goes to.
 * Lifetime: that of struct qk_at. Called from: at-urc.c by the bits of a change, at.c by time.
 */
#pragma once

#include "at-modem.h"

/* at-card-news.c: the modem left the bus or came back; the steps of its boot; the card. */
void qk_at_bus_news(struct qk_at *at);
void qk_at_boot_news(struct qk_at *at);
void qk_at_card_news(struct qk_at *at);
/* at-radio-news.c */
void qk_at_registration_news(struct qk_at *at);
void qk_at_signal_news(struct qk_at *at);
void qk_at_time_news(struct qk_at *at);
void qk_at_data_news(struct qk_at *at);
/* at-sms-text.c */
void qk_at_sms_news(struct qk_at *at);
/* at-call-news.c */
void qk_at_call_news(struct qk_at *at);

/* What is the case now counts as told. */
void qk_at_card_told(struct qk_at *at);
void qk_at_radio_told(struct qk_at *at);
/* at-card-news.c: the messages and the phone book were read by now. */
void qk_at_card_due(struct qk_at *at);
/* at-call-news.c: a call that comes in rings again. */
void qk_at_ring_due(struct qk_at *at);
