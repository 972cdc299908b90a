/*
 * Modem: the inside of struct qk_sim, shared by the modules that speak QMI.
 *
 * Owns: nothing; the shape of things and the tables of handlers.
 * Does not know: faces, the program.
 * Lifetime: that of struct qk_sim. Called from: sim.c, qmi.c, clients.c, notify.c, the services.
 */
#pragma once

#include <qmikit/codec.h>
#include <qmikit/common.h>

#include "sim.h"
#include "forward.h"
#include "messaging.h"
#include "nas.h"
#include "recorded.h"
#include "wds.h"

struct qk_at;

#define QK_SIM_CLIENTS_MAX 1024
#define QK_SIM_DELAYED_MAX 32
#define QK_SIM_LATE_MAX 32
#define QK_SIM_OWED_MAX 32

/* What a client wants to hear of: bits of qk_sim_client.watch, in each service its own (wds.h,
 * nas.h). */
enum {
	QK_SIM_WATCH_OPERATING_MODE = 1 << 0,
	QK_SIM_WATCH_CARD = 1 << 8,
	QK_SIM_WATCH_SLOTS = 1 << 9,
	QK_SIM_WATCH_REFRESH_ALL = 1 << 10,
	QK_SIM_WATCH_REFRESH_FILES = 1 << 11,
};

#define QK_SIM_UIM_FILES_MAX 16

/* Of which files of the card it hears when they change. */
struct qk_sim_uim_client {
	struct qk_sim_path files[QK_SIM_UIM_FILES_MAX];
	uint8_t count;
	uint8_t session; /* as it has named it */
};

struct qk_sim_client {
	uint8_t service, id;
	struct qk_sim_port *port; /* where it spoke last; NULL: that port is gone */
	uint32_t watch;
	uint64_t due_usec; /* when `due` of its service's table is called; QK_SIM_NEVER */
	struct qk_sim_wds_client wds;
	struct qk_sim_nas_client nas;
	struct qk_sim_loc_client loc;
	struct qk_sim_uim_client uim;
	struct qk_sim_atr *atr; /* atr.c; NULL: it has sent nothing */
	uint32_t ims_binding;   /* the subscription that IMSA was told */
	uint32_t ussd_ticket;   /* of the code whose reply it waits for; 0: none */
};

/* An indication that follows the answer at hand. */
struct qk_sim_owed {
	uint8_t *data;
	size_t size;
};

/* An answer that a fault holds back. */
struct qk_sim_delayed {
	uint64_t due_usec;
	struct qk_sim_port *port;
	uint8_t *data;
	size_t size;
};

/* A request whose handler has said QK_SIM_LATER. */
struct qk_sim_late {
	struct qk_sim_port *port;
	struct qk_frame frame; /* its TLVs are in `tlvs` */
	uint8_t *tlvs;
	uint64_t due_usec;
	uint32_t wake; /* QK_SIM_CHANGED_* */
	uint32_t tag;
	bool ready; /* it is its turn */
};

struct qk_sim_port {
	struct qk_sim *sim;
	struct qk_sim_port *next;
	struct qk_sim_sink sink;
	void *userdata;
	uint8_t *input; /* half a frame */
	size_t input_size;
	bool hung_up;
	bool inside; /* another link than the host's: what the host says of all its clients spares it */
};

struct qk_sim {
	const struct qk_sim_profile *profile;
	struct qk_sim_state state;
	struct qk_sim_port *ports;
	struct qk_sim_watcher *watchers, *next_watcher; /* the latter: whom to call next */
	bool notifying;
	struct qk_sim_forward forward;
	struct qk_at *at; /* its AT side; NULL before it has an AT port */
	struct qk_sim_client *clients;
	size_t client_count;
	uint8_t next_client[256]; /* by service: the id to try next */
	struct qk_sim_delayed delayed[QK_SIM_DELAYED_MAX];
	size_t delayed_count;
	struct qk_sim_late late[QK_SIM_LATE_MAX];
	size_t late_count;
	struct qk_sim_owed owed[QK_SIM_OWED_MAX];
	size_t owed_count;
	struct qk_sim_pristine *pristine; /* recorded.c; NULL before it is needed */
	bool is_pristine;                 /* it is that of another modem */
	struct qk_arena arena;            /* for the message at hand */
	uint8_t output[QK_FRAME_MAX];
};

/* A request that is being answered. `response` is zeroed; lists and text in it may live in
 * `sim->arena`. */
struct qk_sim_call {
	struct qk_sim *sim;
	struct qk_sim_port *port;
	struct qk_sim_client *client; /* NULL in CTL */
	const void *request;
	void *response;
	const struct qk_message *message; /* of `response` */
	const struct qk_frame *frame;     /* of `request` */
	uint8_t service;
	bool again;   /* the handler has put this request off, and its time has come */
	uint32_t tag; /* then: what the handler gave to qk_sim_later() */
};

/*
 * Answers that take their time. A handler that cannot answer yet returns what qk_sim_later() returns.
 * The request is kept, other requests are served meanwhile, and the handler is run with the same
 * request once more (`again`, with its `tag`) when `due_usec` has come or when something of `wake`
 * has changed, whichever is first. It answers then, or puts it off once more. `due_usec` may be
 * QK_SIM_NEVER when there is something to wake for; make it with qk_sim_after(). `tag` is the
 * handler's own: the number of what it has started in the model.
 *
 * Nobody answers a request whose client is released, whose port is closed or whose modem goes down:
 * the handler is not called again. What it has started it ends in `released` of its service's table.
 *
 * Returns QK_SIM_LATER, or a QMI protocol error when QK_SIM_LATE_MAX requests wait already.
 */
#define QK_SIM_LATER UINT16_MAX
QK_MUST_CHECK uint16_t qk_sim_later(struct qk_sim_call *call, uint64_t due_usec, uint32_t wake,
				    uint32_t tag);

/* Answers a request: 0 or the QMI protocol error (enum qk_error) with which it is refused. */
typedef uint16_t (*qk_sim_handler_fn)(struct qk_sim_call *call);

struct qk_sim_handler {
	const char *method; /* of the service: "get-ids" */
	qk_sim_handler_fn fn;
	bool (*known)(const struct qk_sim_profile *profile); /* NULL: every modem knows it */
};

/* What is told to the subscribers of a service when something has changed. */
struct qk_sim_news {
	uint32_t changed;    /* QK_SIM_CHANGED_*, any of them */
	uint32_t watch;      /* QK_SIM_WATCH_*, any of them */
	const char *message; /* an indication of the service: "event-report" */
	/* Fills the indication's struct; false: nothing to say to this client. */
	bool (*fill)(struct qk_sim *sim, const struct qk_sim_client *client, void *indication);
};

/* Everything the virtual modem can do in one service. */
struct qk_sim_service_table {
	uint8_t service;
	const struct qk_sim_handler *handlers;
	size_t handler_count;
	const struct qk_sim_news *news;
	size_t news_count;
	uint32_t watch; /* of a new client */
	bool always;    /* it answers by its handlers also where answers are made of seeds */
	/* The client knows all there is to know: it is new, or was told. NULL is fine, as below. */
	void (*told)(struct qk_sim *sim, struct qk_sim_client *client);
	/* `due_usec` of the client has come; it is QK_SIM_NEVER again by then. */
	void (*due)(struct qk_sim *sim, struct qk_sim_client *client);
	/* A client of the service is about to vanish. */
	void (*released)(struct qk_sim *sim, struct qk_sim_client *client);
};

extern const struct qk_sim_service_table qk_sim_at, qk_sim_ctl, qk_sim_dms, qk_sim_nas, qk_sim_wds,
	qk_sim_uim, qk_sim_wda, qk_sim_sar, qk_sim_dsd, qk_sim_wms, qk_sim_voice, qk_sim_loc,
	qk_sim_pdc, qk_sim_oma, qk_sim_atr, qk_sim_ims, qk_sim_imsa, qk_sim_imsp, qk_sim_qos,
	qk_sim_pbm;

/* The table of a service, or NULL. */
const struct qk_sim_service_table *qk_sim_table(uint8_t service);

/* qmi.c: one request from the host. */
void qk_sim_request(struct qk_sim_port *port, const struct qk_frame *frame);

/* qmi.c: encodes `value` as `message` into sim->output. The bytes of the frame or a negative errno. */
int qk_sim_encode(struct qk_sim *sim, const struct qk_message *message, const void *value,
		  uint8_t client, uint16_t transaction);

/* notify.c: an indication to the client of a request, which goes out right after the answer to it. False: there are
 * QK_SIM_OWED_MAX of them, or no memory. */
bool qk_sim_tell_after(struct qk_sim_call *call, const struct qk_message *message,
		       const void *indication);
/* notify.c: sends them, or (`port` NULL) forgets them. */
void qk_sim_send_owed(struct qk_sim *sim, struct qk_sim_port *port);

/* notify.c: sends an indication to a client, unless a fault keeps it. */
void qk_sim_tell(struct qk_sim *sim, const struct qk_sim_client *client,
		 const struct qk_message *message, const void *indication);

/* notify.c: copies the TLVs that two messages share by name and form, as an indication repeats what
 * the response says. Text and lists are shared, not copied. */
void qk_sim_copy_tlvs(const struct qk_message *from_message, const void *from,
		      const struct qk_message *to_message, void *to);

/* qmi.c: the handler of each service's Get Supported Messages: the ids of the messages that the
 * service answers, as a bitmap. */
uint16_t qk_sim_get_supported_messages(struct qk_sim_call *call);

/* atr.c: the modem ends, and with it what its clients' AT commands live in. */
void qk_sim_atr_done(struct qk_sim *sim);

/* late.c: the request that a client has sent with `transaction` and that waits, or NULL. */
struct qk_sim_late *qk_sim_late_find(struct qk_sim *sim, const struct qk_sim_client *client,
				     uint16_t transaction);
/* late.c: ends its waiting: it is answered with a QMI protocol error. */
void qk_sim_late_refuse(struct qk_sim *sim, struct qk_sim_late *late, uint16_t error);
/* late.c: nobody waits any more on this port (NULL: any), for this client (NULL: any). */
void qk_sim_late_forget(struct qk_sim *sim, const struct qk_sim_port *port,
			const struct qk_sim_client *client);
/* late.c: runs what is due and what waits for something of `changed`. */
void qk_sim_late_run(struct qk_sim *sim, uint32_t changed);
/* late.c: when the next is due. */
uint64_t qk_sim_late_next_usec(const struct qk_sim *sim);
/* qmi.c: the handler's second turn. */
void qk_sim_request_again(struct qk_sim *sim, const struct qk_sim_late *late);
/* qmi.c: an answer of which nothing but the result is known. */
void qk_sim_answer_result(struct qk_sim_port *port, const struct qk_frame *request, uint16_t error);

/* sim.c: calls the watchers about what has changed. */
void qk_sim_tell_watchers(struct qk_sim *sim, uint32_t changed);

/* sim.c: sends an answer through the armed faults. */
void qk_sim_answer(struct qk_sim_port *port, const struct qk_frame *frame, size_t size);
/* sim.c: sends as it is. */
void qk_sim_send(struct qk_sim_port *port, struct qk_span bytes);
/* sim.c: whether a fault of `kind` is armed for this frame (NULL: none); the asking counts as its use. */
bool qk_sim_take_fault(struct qk_sim *sim, uint32_t kind, const struct qk_frame *frame,
		       struct qk_sim_fault *ret);

/* clients.c: 0 and an id, or a QMI protocol error. */
uint16_t qk_sim_client_allocate(struct qk_sim *sim, struct qk_sim_port *port, uint8_t service,
				uint8_t *ret_id);
uint16_t qk_sim_client_release(struct qk_sim *sim, uint8_t service, uint8_t id);
void qk_sim_client_release_all(struct qk_sim *sim);
/* clients.c: those of the host, which has started anew; not those inside the modem. */
void qk_sim_client_release_host(struct qk_sim *sim);
/* clients.c: those that spoke on this port last, or were allocated on it. */
void qk_sim_client_release_of(struct qk_sim *sim, const struct qk_sim_port *port);
/* clients.c: the handler of each service's Reset: the client hears of what a new one hears of. */
uint16_t qk_sim_reset_client(struct qk_sim_call *call);
/* clients.c: sets or clears a bit of what a client hears of, where the request says something about
 * it. */
void qk_sim_watch(struct qk_sim_client *client, uint32_t bit, bool asked, bool on);
/* clients.c: calls `due` of the clients whose time has come; when the next one's does. */
void qk_sim_clients_run(struct qk_sim *sim);
uint64_t qk_sim_clients_next_usec(const struct qk_sim *sim);
struct qk_sim_client *qk_sim_client_find(struct qk_sim *sim, uint8_t service, uint8_t id);

/* seeded.c: fills `value` with what the seed makes of the message's definition. 0 or -ENOBUFS. */
int qk_sim_seeded_fill(const struct qk_message *message, uint64_t seed, uint8_t presence_percent,
		       struct qk_arena *arena, void *value);
/* What a seeded modem tells behind its answer: the indication of the same number, with the request's token,
 * and to who registers for events one of each. */
void qk_sim_seeded_tell(struct qk_sim_call *call, const struct qk_method *method);

/* What a service answers when the model refuses with an errno. */
struct qk_sim_error {
	int r;
	uint16_t error;
};

/* qmi.c: the QMI error for `r`: none when it is not negative, Internal without a row. */
uint16_t qk_sim_error_of(int r, const struct qk_sim_error *rows, size_t count);

/* A qk_string over text that outlives the answer. */
static inline struct qk_string qk_sim_text(const char *text)
{
	return (struct qk_string){ text, __builtin_strlen(text) };
}
