package org.autotls.dns;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.Optional;
import org.autotls.DnsRecords;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Revision;
import org.autotls.StateStore;
import org.autotls.Text;
import org.autotls.TxtRecord;
import org.autotls.internal.JsonObject;

/**
 * TXT values at an acme-dns server (github.com/joohoi/acme-dns): a small DNS server for challenges only. Each name to certify
 * is registered there once, which gives a name to which {@code _acme-challenge.NAME} must be an alias; what was given is kept
 * in the state store under {@code acme-dns/NAME}, since nobody can ask for it again.
 *
 * <p>acme-dns holds the two newest values of a name, enough for a wildcard and its base name, and has no way to remove one:
 * {@link #remove} does nothing, and a value goes when two newer ones have come.
 *
 * <p><b>Threads.</b> Safe for many threads and processes. Blocks for a few requests, each bounded by the deadline.
 */
public final class AcmeDnsRecords implements DnsRecords {

    private static final String NAME = "acme-dns";

    /** What registering gave. {@link #toString} shows no secret. */
    private record Registration(String username, String password, String subdomain, String fullDomain) {

        static Optional<Registration> parse(JsonObject json) {
            Registration read = new Registration(
                    json.text("username").orElse(""),
                    json.text("password").orElse(""),
                    json.text("subdomain").orElse(""),
                    json.text("fulldomain").orElse(""));
            boolean usable = read.username().matches("[!-~]{1,200}")
                    && read.password().matches("[!-~]{1,200}")
                    && read.subdomain().matches("[A-Za-z0-9-]{1,63}")
                    && read.fullDomain().matches("[A-Za-z0-9.-]{1,253}");
            return Optional.of(read).filter(registration -> usable);
        }

        @Override
        public String toString() {
            return fullDomain;
        }
    }

    private final ApiClient client;
    private final StateStore state;

    /**
     * Makes a writer.
     *
     * @param state where registrations are kept, beside other state; what is in it holds passwords
     * @param server the acme-dns server
     */
    public AcmeDnsRecords(StateStore state, ApiEndpoint server) {
        this.state = requireNonNull(state, "state");
        this.client = new ApiClient(NAME, server);
    }

    /**
     * Writes the value, if the challenge's name leads to this server.
     *
     * @throws IssueException of kind {@code CONFIGURATION} if it does not; the message names the CNAME record to add
     */
    @Override
    public String add(TxtRecord record) {
        String base = record.challenge().identifier().value().replaceFirst("^\\*\\.", "");
        Registration registration = registration(base);
        if (!registration.fullDomain().equalsIgnoreCase(record.name())) {
            throw new IssueException(
                    Kind.CONFIGURATION,
                    "_acme-challenge." + base + " does not lead to " + NAME + " yet: add the record '_acme-challenge."
                            + base + ". CNAME " + registration.fullDomain() + ".' once, and try again");
        }
        Map<String, String> headers = Map.of(
                "X-Api-User", registration.username(),
                "X-Api-Key", registration.password(),
                "Content-Type", "application/json");
        String body = JsonObject.write(Map.of("subdomain", registration.subdomain(), "txt", record.value()));
        ApiReply reply = client.send("POST", client.endpoint().resolve("/update"), headers, body);
        if (!reply.isSuccess()) {
            throw client.refused(reply, "adding TXT at " + record.name(), "the registration of " + base);
        }
        return "";
    }

    /** Does nothing: see above. */
    @Override
    public void remove(TxtRecord record, String id) {
        requireNonNull(record, "record");
    }

    /** The server; no secret. */
    @Override
    public String toString() {
        return NAME + " at " + client.endpoint().base();
    }

    private Registration registration(String base) {
        String key = "acme-dns/" + base;
        return find(key).orElseGet(() -> {
            String json = register(base);
            // Another process may have registered meanwhile; its registration counts then.
            state.save(key, json, Revision.NONE);
            return find(key)
                    .orElseThrow(() -> new IssueException(
                            Kind.UNPROVED, "the registration of " + base + " at " + NAME + " could not be kept"));
        });
    }

    private Optional<Registration> find(String key) {
        return state.find(key).flatMap(entry -> {
            try {
                return Registration.parse(JsonObject.parse(entry.text()));
            } catch (IllegalArgumentException e) {
                throw new IssueException(
                        Kind.CONFIGURATION,
                        "the state '" + key + "' is no registration of " + NAME + ": remove it, or mend it");
            }
        });
    }

    private String register(String base) {
        ApiReply reply = client.send(
                "POST", client.endpoint().resolve("/register"), Map.of("Content-Type", "application/json"), "{}");
        if (!reply.isSuccess()) {
            throw client.refused(reply, "registering " + Text.escape(base), "us");
        }
        if (reply.jsonOrEmpty().flatMap(Registration::parse).isEmpty()) {
            throw new IssueException(
                    Kind.UNPROVED, NAME + " answered the registration of " + base + " with what is none");
        }
        return reply.body();
    }
}
