/*
 * AT USSD: AT+CUSD, and what the network says to it.
 *
 * Owns: nothing. Does not know: how sessions run; voice.h does.
 * Lifetime: none. Called from: at-voice.c (its rows), at-call-news.c.
 */
#pragma once

#include "at-modem.h"

/* Sends a code (UTF-8); the answer comes as +CUSD. A result. */
int qk_at_ussd_send(struct qk_at_call *call, const char *text);
int qk_at_ussd_set(struct qk_at_call *call);
int qk_at_ussd_read(struct qk_at_call *call);
/* The network has said something. */
void qk_at_ussd_news(struct qk_at *at);
