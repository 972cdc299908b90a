/*
 * Netlink: requests with their acknowledgements. libmnl knows the layout of messages and attributes;
 * the receiving is our own, because libmnl's callbacks take a stray answer for an error.
 */
#include <errno.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "netdev/netlink.h"

/* The kernel fills at most 32 KiB of a list at once, or as much as the reader's buffer takes. */
#define ANSWER_MAX 32768
#define PATIENCE_SEC 2

struct qk_netlink {
	int fd;
	uint32_t sequence;
	char reason[128];
	alignas(NLMSG_ALIGNTO) uint8_t answer[ANSWER_MAX];
};

int qk_netlink_take_fd(int take_fd, struct qk_netlink **ret)
{
	const struct timeval patience = { .tv_sec = PATIENCE_SEC };
	struct qk_netlink *netlink = calloc(1, sizeof(*netlink));

	if (!netlink) {
		close(take_fd);
		return -ENOMEM;
	}
	netlink->fd = take_fd;
	/* Without it a lost answer would hang the program; the kernel itself never makes us wait. */
	setsockopt(take_fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	*ret = netlink;
	return 0;
}

int qk_netlink_open(int family, struct qk_netlink **ret)
{
	int on = 1, fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family);

	if (fd < 0)
		return -errno;
	/* Words beside the number of a refusal, and not the whole request again: kernels from 4.12
	 * on have both, and an older one just gives the number. */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	return qk_netlink_take_fd(fd, ret);
}

struct qk_netlink *qk_netlink_free(struct qk_netlink *netlink)
{
	if (netlink) {
		close(netlink->fd);
		free(netlink);
	}
	return NULL;
}

const char *qk_netlink_reason(const struct qk_netlink *netlink)
{
	return netlink->reason;
}

/* --- Writing */

void qk_netlink_request(struct qk_netlink_request *ret, uint16_t type, uint16_t flags,
			const void *family_header, size_t size)
{
	struct nlmsghdr *header;

	memset(ret, 0, sizeof(*ret));
	header = mnl_nlmsg_put_header(ret->bytes);
	header->nlmsg_type = type;
	header->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	if (size > sizeof(ret->bytes) / 2) {
		ret->overflow = true;
		return;
	}
	memcpy(mnl_nlmsg_put_extra_header(header, size), family_header, size);
}

void qk_netlink_put(struct qk_netlink_request *request, uint16_t type, const void *data,
		    size_t size)
{
	if (request->overflow ||
	    !mnl_attr_put_check(&request->header, sizeof(request->bytes), type, size, data))
		request->overflow = true;
}

void qk_netlink_put_u16(struct qk_netlink_request *request, uint16_t type, uint16_t value)
{
	qk_netlink_put(request, type, &value, sizeof(value));
}

void qk_netlink_put_u32(struct qk_netlink_request *request, uint16_t type, uint32_t value)
{
	qk_netlink_put(request, type, &value, sizeof(value));
}

void qk_netlink_put_text(struct qk_netlink_request *request, uint16_t type, const char *text)
{
	qk_netlink_put(request, type, text, strlen(text) + 1);
}

struct nlattr *qk_netlink_nest(struct qk_netlink_request *request, uint16_t type)
{
	struct nlattr *nest = NULL;

	if (!request->overflow)
		nest = mnl_attr_nest_start_check(&request->header, sizeof(request->bytes), type);
	if (nest)
		nest->nla_type = type;
	else
		request->overflow = true;
	return nest;
}

void qk_netlink_nest_end(struct qk_netlink_request *request, struct nlattr *nest)
{
	if (nest)
		mnl_attr_nest_end(&request->header, nest);
}

/* --- Reading */

/* Notes an attribute that lies inside `end` and fits the table; the next one, or NULL at the last. */
static const struct nlattr *note(const struct nlattr *at, const uint8_t *end,
				 const struct nlattr **table, size_t count)
{
	ptrdiff_t left = end - (const uint8_t *)at;

	if (left < (ptrdiff_t)sizeof(*at) || !mnl_attr_ok(at, (int)left))
		return NULL;
	if (mnl_attr_get_type(at) < count)
		table[mnl_attr_get_type(at)] = at;
	/* The last one's padding may be missing. */
	return (ptrdiff_t)MNL_ALIGN(at->nla_len) < left ? mnl_attr_next(at) : NULL;
}

static void read_attributes(const uint8_t *at, const uint8_t *end, const struct nlattr **ret,
			    size_t count)
{
	memset(ret, 0, count * sizeof(*ret));
	for (const struct nlattr *attribute = (const void *)at; attribute;)
		attribute = note(attribute, end, ret, count);
}

int qk_netlink_attributes(const struct nlmsghdr *message, size_t header_size,
			  const struct nlattr **ret, size_t count)
{
	const uint8_t *start = (const uint8_t *)message;

	if (message->nlmsg_len < MNL_NLMSG_HDRLEN + MNL_ALIGN(header_size))
		return -EBADMSG;
	read_attributes(start + MNL_NLMSG_HDRLEN + MNL_ALIGN(header_size),
			start + message->nlmsg_len, ret, count);
	return 0;
}

void qk_netlink_nested(const struct nlattr *nest, const struct nlattr **ret, size_t count)
{
	const uint8_t *start = (const uint8_t *)nest;

	if (nest)
		read_attributes(start + MNL_ATTR_HDRLEN, start + nest->nla_len, ret, count);
	else
		memset(ret, 0, count * sizeof(*ret));
}

static bool read_number(const struct nlattr *attribute, void *ret, size_t size)
{
	if (!attribute || mnl_attr_get_payload_len(attribute) < size)
		return false;
	memcpy(ret, mnl_attr_get_payload(attribute), size);
	return true;
}

bool qk_netlink_u16(const struct nlattr *attribute, uint16_t *ret)
{
	return read_number(attribute, ret, sizeof(*ret));
}

bool qk_netlink_u32(const struct nlattr *attribute, uint32_t *ret)
{
	return read_number(attribute, ret, sizeof(*ret));
}

bool qk_netlink_text(const struct nlattr *attribute, char *ret, size_t size)
{
	const char *text;
	size_t length;

	if (!attribute)
		return false;
	text = mnl_attr_get_payload(attribute);
	length = strnlen(text, mnl_attr_get_payload_len(attribute));
	if (length == mnl_attr_get_payload_len(attribute) || length >= size)
		return false;
	memcpy(ret, text, length + 1);
	return true;
}

/* --- Asking */

/* What is known of an answer that is being read. */
struct answer {
	struct qk_netlink *netlink;
	qk_netlink_message_t each;
	void *userdata;
	int error; /* of `each`, or -EINTR: the rest is read, so that the next answer is the next one */
	bool over;
};

/* The words that follow a refusal, where the kernel added some. Control characters are no words. */
static void keep_reason(struct qk_netlink *netlink, const struct nlmsghdr *message)
{
	const struct nlattr *attributes[NLMSGERR_ATTR_MSG + 1];

	/* Without NLM_F_CAPPED the whole request stands between the number and the words. */
	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS) || !(message->nlmsg_flags & NLM_F_CAPPED) ||
	    qk_netlink_attributes(message, sizeof(struct nlmsgerr), attributes,
				  NLMSGERR_ATTR_MSG + 1) < 0)
		return;
	qk_netlink_text(attributes[NLMSGERR_ATTR_MSG], netlink->reason, sizeof(netlink->reason));
	for (char *c = netlink->reason; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
}

/* The number at the end of a conversation: an acknowledgement always has one, the end of a list may. */
static int read_verdict(struct qk_netlink *netlink, const struct nlmsghdr *message)
{
	int error = 0;

	if (message->nlmsg_len >= MNL_NLMSG_HDRLEN + sizeof(error))
		memcpy(&error, (const uint8_t *)message + MNL_NLMSG_HDRLEN, sizeof(error));
	else if (message->nlmsg_type == NLMSG_ERROR)
		return -EBADMSG;
	if (error < 0 && message->nlmsg_type == NLMSG_ERROR)
		keep_reason(netlink, message);
	return error >= -4095 && error <= 0 ? error : -EBADMSG;
}

static void take_message(struct answer *answer, const struct nlmsghdr *message)
{
	int r = 0;

	if (message->nlmsg_seq != answer->netlink->sequence || answer->over)
		return;
	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		r = -EINTR;
	if (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE) {
		answer->over = true;
		if (r == 0)
			r = read_verdict(answer->netlink, message);
	} else if (message->nlmsg_type >= NLMSG_MIN_TYPE && answer->each && !answer->error &&
		   r == 0) {
		r = answer->each(message, answer->userdata);
	}
	if (r < 0 && !answer->error)
		answer->error = r;
}

/* The messages of one datagram. (libmnl's own check takes a length beyond 2 GiB for a negative one,
 * and lets it pass.) */
static int take_datagram(struct answer *answer, size_t size)
{
	const uint8_t *at = answer->netlink->answer, *end = at + size;

	while (at < end) {
		const struct nlmsghdr *message = (const void *)at;
		size_t left = (size_t)(end - at);

		if (left < sizeof(*message) || message->nlmsg_len < sizeof(*message) ||
		    message->nlmsg_len > left)
			return -EBADMSG;
		take_message(answer, message);
		if (MNL_ALIGN((size_t)message->nlmsg_len) >= left)
			break; /* the padding of the last one may miss */
		at += MNL_ALIGN((size_t)message->nlmsg_len);
	}
	return 0;
}

/* One datagram of the kernel's: its size, or 0 for one of somebody else's. */
static int receive(struct qk_netlink *netlink)
{
	struct sockaddr_nl from = { .nl_family = AF_NETLINK };
	struct iovec iov = { netlink->answer, sizeof(netlink->answer) };
	struct msghdr header = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1
	};
	ssize_t size;

	do
		size = recvmsg(netlink->fd, &header, 0);
	while (size < 0 && errno == EINTR);
	if (size < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	if (size == 0)
		return -EPIPE;
	if (header.msg_namelen == sizeof(from) && from.nl_family == AF_NETLINK && from.nl_pid != 0)
		return 0;
	return header.msg_flags & MSG_TRUNC ? -ENOBUFS : (int)size;
}

int qk_netlink_ask(struct qk_netlink *netlink, struct qk_netlink_request *request,
		   qk_netlink_message_t each, void *userdata)
{
	struct answer answer = { .netlink = netlink, .each = each, .userdata = userdata };
	int r;

	if (request->overflow)
		return -EMSGSIZE;
	netlink->reason[0] = 0;
	request->header.nlmsg_seq = ++netlink->sequence;
	if (send(netlink->fd, request->bytes, request->header.nlmsg_len, MSG_NOSIGNAL) < 0)
		return -errno;
	while (!answer.over) {
		r = receive(netlink);
		if (r >= 0)
			r = take_datagram(&answer, (size_t)r);
		if (r < 0)
			return r;
	}
	return answer.error;
}
