package org.autotls.dns;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.autotls.DnsRecords;
import org.autotls.IssueException;
import org.autotls.TxtRecord;
import org.autotls.dns.WholeSet.Values;

/**
 * TXT values at Amazon Route 53 (API of 2013-04-01), by an access key with the rights {@code route53:ListHostedZonesByName},
 * {@code ListResourceRecordSets} and {@code ChangeResourceRecordSets}. Private zones are not looked at.
 *
 * <p>All values of a name are one set there. A change deletes the set as it was read and creates the new one in one batch,
 * which Route 53 refuses if the set is another by then.
 *
 * <p><b>Threads.</b> Immutable; safe for many threads. Blocks for a few requests, each bounded by the endpoint's deadline.
 */
public final class Route53Records implements DnsRecords {

    /** The service itself; it is one for all regions. */
    public static final URI API = URI.create("https://route53.amazonaws.com");

    private static final String NAME = "Route 53";
    private static final String VERSION = "/2013-04-01";
    private static final String NAMESPACE = "https://route53.amazonaws.com/doc/2013-04-01/";

    private final ApiClient client;
    private final AwsCredentials credentials;
    private final SigV4 signer;
    private final WholeSet sets = new WholeSet(NAME, new Calls());

    /**
     * Makes a writer.
     *
     * @param credentials what signs
     * @param endpoint at {@link #API}, usually
     */
    public Route53Records(AwsCredentials credentials, ApiEndpoint endpoint) {
        this.client = new ApiClient(NAME, endpoint);
        this.credentials = credentials;
        this.signer = new SigV4(credentials, "us-east-1", "route53");
    }

    @Override
    public String add(TxtRecord record) {
        sets.add(record);
        return "";
    }

    @Override
    public void remove(TxtRecord record, String id) {
        sets.remove(record);
    }

    /** Where it writes and by which key; no secret. */
    @Override
    public String toString() {
        return NAME + ", " + client.endpoint().base() + " by " + credentials;
    }

    private final class Calls implements WholeSet.Calls {

        /** Zones are listed from this name on; some may have the same one. */
        @Override
        public Optional<String> zone(String name) {
            String query = "?dnsname=" + BearerApi.encode(name) + "&maxitems=10";
            return Route53Records.this
                    .read("/hostedzonesbyname" + query, "looking for the zone " + name)
                    .all("HostedZone")
                    .stream()
                    .filter(zone -> zone.text("Name").equals(name + "."))
                    .filter(zone -> !zone.text("PrivateZone").equals("true"))
                    .map(zone -> zone.text("Id").replaceFirst("^/hostedzone/", ""))
                    .filter(id -> id.matches("[A-Za-z0-9]{1,64}")) // it goes into a path
                    .findFirst();
        }

        @Override
        public Values read(Zone zone, String name) {
            // In the order of the names, as the signature wants them.
            String query = "?maxitems=1&name=" + BearerApi.encode(name) + "&type=TXT";
            String path = "/hostedzone/" + zone.id() + "/rrset" + query;
            return Route53Records.this.read(path, "reading TXT at " + name).all("ResourceRecordSet").stream()
                    .filter(set -> set.text("Name").equals(name + ".")
                            && set.text("Type").equals("TXT"))
                    .findFirst()
                    .map(Calls::values)
                    .orElse(Values.NONE);
        }

        private static Values values(Xml set) {
            String ttl = set.text("TTL");
            return new Values(
                    ttl.matches("[0-9]{1,9}") ? Long.parseLong(ttl) : Txt.TTL,
                    set.all("ResourceRecord").stream()
                            .map(record -> record.text("Value"))
                            .collect(Collectors.toCollection(LinkedHashSet::new)));
        }

        @Override
        public boolean replace(Zone zone, String name, Values before, Values after) {
            String body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ChangeResourceRecordSetsRequest xmlns=\""
                    + NAMESPACE + "\"><ChangeBatch><Changes>" + change("DELETE", name, before)
                    + change("CREATE", name, after) + "</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>";
            ApiReply reply = send("POST", "/hostedzone/" + zone.id() + "/rrset/", body);
            if (reply.isSuccess()) {
                return true;
            }
            Set<String> codes = errors(reply);
            if (codes.contains("InvalidChangeBatch") || codes.contains("PriorRequestNotComplete")) {
                return false;
            }
            throw refused(reply, "changing TXT at " + name);
        }

        private static String change(String action, String name, Values values) {
            if (values.isEmpty()) {
                return "";
            }
            String records = values.data().stream()
                    .map(data -> "<ResourceRecord><Value>" + Xml.escape(data) + "</Value></ResourceRecord>")
                    .collect(Collectors.joining());
            return "<Change><Action>" + action + "</Action><ResourceRecordSet><Name>" + Xml.escape(name)
                    + ".</Name><Type>TXT</Type><TTL>" + values.ttl() + "</TTL><ResourceRecords>" + records
                    + "</ResourceRecords></ResourceRecordSet></Change>";
        }
    }

    private Xml read(String path, String what) {
        ApiReply reply = send("GET", path, "");
        if (!reply.isSuccess()) {
            throw refused(reply, what);
        }
        return Xml.parse(reply);
    }

    private ApiReply send(String method, String path, String body) {
        URI url = client.endpoint().resolve(VERSION + path);
        Map<String, String> headers = new LinkedHashMap<>(signer.headers(method, url, body, client.now()));
        if (!body.isEmpty()) {
            headers.put("Content-Type", "application/xml");
        }
        return client.send(method, url, headers, body);
    }

    /** AWS answers 400 to those who ask too often, and 403 to a signature that is wrong or old. */
    private IssueException refused(ApiReply reply, String what) {
        Set<String> codes = errors(reply);
        boolean busy = codes.contains("Throttling") || codes.contains("ThrottlingException");
        ApiReply classed = busy ? new ApiReply(reply.api(), 429, reply.body(), reply.retryAfter()) : reply;
        return client.refused(classed, what, "the access key, its secret, or this machine's clock");
    }

    private static Set<String> errors(ApiReply reply) {
        try {
            return Xml.parse(reply).all("Code").stream().map(Xml::text).collect(Collectors.toCollection(TreeSet::new));
        } catch (IssueException e) {
            return Set.of(); // a proxy's page, perhaps
        }
    }
}
