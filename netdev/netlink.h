/*
 * Netlink: one conversation with the kernel at a time: a request goes out, what it answers comes in,
 * and its acknowledgement or the end of its list ends it.
 *
 * Owns: one netlink socket, the sequence numbers, what the kernel said last in words.
 * Does not know: links, addresses, routes; what a message means.
 * Lifetime: qk_netlink_open() to qk_netlink_free(); requests live on the caller's stack.
 * Called from: the other files of netdev/ alone. The kernel answers rtnetlink while it is asked, so
 * that waiting for it costs no time; a peer that says nothing for two seconds is given up.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>
#include <qmikit/wire.h>

struct qk_netlink;

/* A request being written. What does not fit marks it, and qk_netlink_ask() refuses it: the
 * functions that add need no check of their own. Begin with qk_netlink_request(). */
struct qk_netlink_request {
	union {
		struct nlmsghdr header;
		uint8_t bytes[1024];
	};
	bool overflow;
};

/* Opens a socket of a netlink family (NETLINK_ROUTE). A negative errno of socket(2), or -ENOMEM. */
QK_MUST_CHECK int qk_netlink_open(int family, struct qk_netlink **ret);

/* On a descriptor that is open already and keeps messages apart: a test's kernel. Taken also on
 * failure. -ENOMEM. */
QK_MUST_CHECK int qk_netlink_take_fd(int take_fd, struct qk_netlink **ret);

/* Closes. NULL is fine. Returns NULL. */
struct qk_netlink *qk_netlink_free(struct qk_netlink *netlink);

/* Begins a request: its type (RTM_NEWLINK), NLM_F_* beside REQUEST and ACK, which are added, and
 * what follows the header of every message of that type (struct ifinfomsg). */
void qk_netlink_request(struct qk_netlink_request *ret, uint16_t type, uint16_t flags,
			const void *family_header, size_t size);

/* Adds an attribute: bytes, numbers in the machine's order, text with its final 0. */
void qk_netlink_put(struct qk_netlink_request *request, uint16_t type, const void *data,
		    size_t size);
void qk_netlink_put_u16(struct qk_netlink_request *request, uint16_t type, uint16_t value);
void qk_netlink_put_u32(struct qk_netlink_request *request, uint16_t type, uint32_t value);
void qk_netlink_put_text(struct qk_netlink_request *request, uint16_t type, const char *text);

/* Opens an attribute that holds attributes, and closes it. NULL, which closes well, when full. It is
 * not marked as a nest, which rtnetlink does not ask for: where it must be, add NLA_F_NESTED to `type`. */
struct nlattr *qk_netlink_nest(struct qk_netlink_request *request, uint16_t type);
void qk_netlink_nest_end(struct qk_netlink_request *request, struct nlattr *nest);

/* One message of the answer; borrowed. A negative errno ends the conversation with it. */
typedef int (*qk_netlink_message_t)(const struct nlmsghdr *message, void *userdata);

/*
 * Sends the request and hands each message of the answer to `each` (NULL: none is expected), until
 * the kernel acknowledges it or ends its list. 0, or what `each` ended with, or the kernel's
 * refusal as a negative errno (-EPERM, -ENODEV, -EEXIST, -EOPNOTSUPP...), or -EMSGSIZE (a request
 * that did not fit), -EINTR (the list changed while it was sent: forget it and ask again),
 * -EBADMSG (an answer that contradicts itself), -ETIMEDOUT, -ENOBUFS, or what send(2) and
 * recvmsg(2) say. Answers to earlier requests are passed over.
 */
QK_MUST_CHECK int qk_netlink_ask(struct qk_netlink *netlink, struct qk_netlink_request *request,
				 qk_netlink_message_t each, void *userdata);

/* The kernel's own words for the last refusal, or "": "Device is busy". Valid until the next ask. */
const char *qk_netlink_reason(const struct qk_netlink *netlink);

/*
 * The attributes of a message behind a family header of `header_size` bytes, by type: of those from
 * 0 to count - 1, the last of each, else NULL. Every one lies inside the message.
 * -EBADMSG when the message is shorter than that header.
 */
QK_MUST_CHECK int qk_netlink_attributes(const struct nlmsghdr *message, size_t header_size,
					const struct nlattr **ret, size_t count);

/* The same of what an attribute holds; NULL holds nothing. */
void qk_netlink_nested(const struct nlattr *nest, const struct nlattr **ret, size_t count);

/* The value of an attribute. False, and the output untouched, when it is NULL, shorter than the
 * number or no text (unterminated, or `size` too small for it with its final 0). */
bool qk_netlink_u16(const struct nlattr *attribute, uint16_t *ret);
bool qk_netlink_u32(const struct nlattr *attribute, uint32_t *ret);
bool qk_netlink_text(const struct nlattr *attribute, char *ret, size_t size);
