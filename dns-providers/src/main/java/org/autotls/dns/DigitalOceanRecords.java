package org.autotls.dns;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.autotls.DnsRecords;
import org.autotls.TxtRecord;
import org.autotls.dns.RecordByRecord.Found;

/**
 * TXT values at DigitalOcean (API v2), by a personal access token with the scopes domain:read, domain:create, domain:update
 * and domain:delete.
 *
 * <p><b>Threads.</b> Immutable; safe for many threads. Blocks for a few requests, each bounded by the endpoint's deadline.
 */
public final class DigitalOceanRecords implements DnsRecords {

    /** The service itself. */
    public static final URI API = URI.create("https://api.digitalocean.com/v2");

    private static final String NAME = "DigitalOcean";

    private final BearerApi api;
    private final RecordByRecord records = new RecordByRecord(NAME, new Calls());

    /**
     * Makes a writer.
     *
     * @param token the access token
     * @param endpoint at {@link #API}, usually
     * @throws IllegalArgumentException if it cannot be a token
     */
    public DigitalOceanRecords(String token, ApiEndpoint endpoint) {
        String checked = BearerApi.checkedToken(token, NAME);
        this.api = new BearerApi(new ApiClient(NAME, endpoint), () -> checked, "the access token");
    }

    @Override
    public String add(TxtRecord record) {
        records.add(record);
        return "";
    }

    @Override
    public void remove(TxtRecord record, String id) {
        records.remove(record);
    }

    /** Where it writes; no secret. */
    @Override
    public String toString() {
        return NAME + ", " + api;
    }

    private final class Calls implements RecordByRecord.Calls {

        @Override
        public Optional<String> zone(String name) {
            return api.found(api.get("/domains/" + BearerApi.encode(name)), "looking for the zone " + name)
                    .flatMap(found -> found.object("domain"))
                    .flatMap(domain -> domain.text("name"));
        }

        /** The records of a domain are found by their full name and listed by their relative one. */
        @Override
        public List<Found> records(Zone zone, String name) {
            String query = "?type=TXT&per_page=200&name=" + BearerApi.encode(name);
            return api
                    .required(api.get(path(zone) + query), "reading TXT at " + name)
                    .objects("domain_records")
                    .stream()
                    .filter(record -> record.text("name").orElse("").equals(zone.relative(name)))
                    .map(record -> new Found(
                            record.number("id").map(String::valueOf).orElse(""),
                            record.text("data").orElse("")))
                    .toList();
        }

        @Override
        public void create(Zone zone, TxtRecord record) {
            Map<String, Object> body =
                    Map.of("type", "TXT", "name", zone.relative(record.name()), "data", record.value(), "ttl", Txt.TTL);
            api.required(api.post(path(zone), body), "adding TXT at " + record.name());
        }

        @Override
        public void delete(Zone zone, Found found) {
            ApiReply reply = api.delete(path(zone) + "/" + BearerApi.encode(found.id()));
            if (reply.status() != 404) {
                api.requireSuccess(reply, "removing TXT in " + zone.name());
            }
        }

        private String path(Zone zone) {
            return "/domains/" + BearerApi.encode(zone.id()) + "/records";
        }
    }
}
