/*
 * CTL map: which request to CTL an 8-bit transaction id on its way to one modem stands for. Every
 * peer counts its own from 1, so the broker gives each request an id of its own and puts the peer's
 * back into the answer.
 *
 * Owns: the 255 ids of one modem.
 * Does not know: frames, leases, time (it is told).
 * Lifetime: that of the modem; all zero is empty.
 * Called from: the broker.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct peer;

enum ctl_kind {
	CTL_FREE,
	CTL_RELAY,    /* the answer goes to the peer as it is */
	CTL_ALLOCATE, /* of `service` */
	CTL_RELEASE,  /* of `service` and `id`, which the peer asked for */
	CTL_RECLAIM,  /* the same, which the broker asked for */
};

struct ctl_request {
	struct peer *peer; /* NULL: it is gone, or there was none */
	uint64_t sent_usec;
	uint8_t kind;        /* enum ctl_kind */
	uint8_t transaction; /* the peer's */
	uint8_t service, id;
	/* CTL_RECLAIM for a peer that waits for an id of this service; valid with a peer. */
	uint8_t allocate;
};

struct ctl_map {
	struct ctl_request requests[256]; /* 0 is no id */
	uint8_t last;                     /* given */
	uint8_t used;                     /* how many are in use */
};

/* An answer that takes longer will not come: libqmi's clients wait 10 s, 30 s for a slow modem. */
#define CTL_PATIENCE_USEC ((uint64_t)60000000)

/* A peer may have so many requests on their way when most ids are in use, so that some are left for
 * others. */
enum { CTL_SHARE = 16, CTL_MOST = 128 };

/* A free id, 1 to 255, for the caller to fill; 0 when all are in use, or the peer (NULL: the broker
 * itself) has its share. */
uint8_t ctl_map_take(const struct ctl_map *map, const struct peer *peer, uint64_t now_usec);
/* Fills the id that was taken. */
void ctl_map_put(struct ctl_map *map, uint8_t id, const struct ctl_request *request);
/* Takes the request with this id out; false where there is none. */
bool ctl_map_answer(struct ctl_map *map, uint16_t id, struct ctl_request *ret);
/* Gives up what was not answered in time. */
void ctl_map_expire(struct ctl_map *map, uint64_t now_usec);
/* A peer is gone: answers to it are for nobody. */
void ctl_map_forget(struct ctl_map *map, const struct peer *peer);
