/*
 * Profile manager: the connection profiles that the modem keeps: listed, changed, removed, and told of when it changes
 * them by itself.
 *
 * Owns: the interface ProfileManager, the news of WDS about profiles. Does not know: what a profile holds (profile.c).
 * Lifetime: the interface's. Called from: card.c, power.c.
 */
#pragma once

struct modem;
struct operation;
struct request;
struct failure;

void profile_manager_add(struct modem *modem);
void profile_manager_end(struct modem *modem);

/* What changes profiles begins with the one and ends with the other: what the modem tells of meanwhile is not told. */
void profile_manager_begin(struct operation *operation);
void profile_manager_finish(struct request *request, const struct failure *failure);

/* Steps of enabling and disabling: have changes told, or not. */
void profile_manager_listen(struct operation *operation);
void profile_manager_ignore(struct operation *operation);
