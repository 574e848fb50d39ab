package org.autotls.dns;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.autotls.DnsRecords;
import org.autotls.internal.JsonObject;
import org.junit.jupiter.api.Test;

class GoogleCloudRecordsTest extends ProviderContract {

    private static final KeyPair KEY = newKey();
    private static final String ZONES = "/projects/a-project/managedZones";

    private static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Of the forms in cloud.google.com/dns/docs/reference/rest/v1 and of OAuth 2.0 for service accounts. */
    private static final class Fake extends FakeApi {

        private final InstantSource clock;

        Fake(InstantSource clock) {
            this.clock = clock;
        }

        @Override
        Answer answer(Request request) {
            if (request.path().equals("/token")) {
                return token(request);
            }
            require(request.header("authorization").equals("Bearer ya29." + SECRET), "authorization", request);
            return switch (request.method() + " " + request.path()) {
                case "GET " + ZONES -> zones(request);
                case "GET " + ZONES + "/the-zone/rrsets" -> sets(request);
                case "POST " + ZONES + "/the-zone/changes" -> change(request);
                default -> unknown(request);
            };
        }

        private Answer token(Request request) {
            require(request.method().equals("POST"), "method", request);
            require(
                    request.parameter("grant_type").equals("urn:ietf:params:oauth:grant-type:jwt-bearer"),
                    "grant",
                    request);
            String[] parts = request.parameter("assertion").split("\\.", -1);
            require(parts.length == 3 && isSigned(parts), "signature", request);
            JsonObject claims =
                    JsonObject.parse(new String(Base64.getUrlDecoder().decode(parts[1]), UTF_8));
            long now = clock.instant().getEpochSecond();
            require(claims.text("iss").orElse("").equals("dns@a-project.example"), "iss", request);
            require(claims.text("aud").orElse("").equals(url() + "/token"), "aud", request);
            require(claims.text("scope").orElse("").endsWith("/ndev.clouddns.readwrite"), "scope", request);
            require(claims.number("iat").orElse(0L) == now, "iat", request);
            require(claims.number("exp").orElse(0L) == now + 3600, "exp", request);
            return Answer.of(
                    200, "{\"access_token\":\"ya29." + SECRET + "\",\"expires_in\":3599,\"token_type\":\"Bearer\"}");
        }

        private static boolean isSigned(String[] parts) {
            try {
                Signature signature = Signature.getInstance("SHA256withRSA");
                signature.initVerify(KEY.getPublic());
                signature.update((parts[0] + "." + parts[1]).getBytes(US_ASCII));
                String header = new String(Base64.getUrlDecoder().decode(parts[0]), UTF_8);
                return header.contains("RS256")
                        && signature.verify(Base64.getUrlDecoder().decode(parts[2]));
            } catch (GeneralSecurityException e) {
                return false;
            }
        }

        private Answer zones(Request request) {
            return request.parameter("dnsName").equals(ZONE + ".")
                    ? Answer.of(
                            200,
                            "{\"managedZones\":[" + zone("inside", "private") + "," + zone("the-zone", "public") + "]}")
                    : Answer.of(200, "{\"managedZones\":[]}");
        }

        private static String zone(String name, String visibility) {
            return JsonObject.write(Map.of("name", name, "dnsName", ZONE + ".", "visibility", visibility));
        }

        private Answer sets(Request request) {
            require(request.parameter("type").equals("TXT"), "type", request);
            String name = request.parameter("name");
            List<String> values = values(name.replaceFirst("\\.$", ""));
            List<?> sets = values.isEmpty()
                    ? List.of()
                    : List.of(Map.of("name", name, "type", "TXT", "ttl", 60, "rrdatas", quoted(values)));
            return Answer.of(200, JsonObject.write(Map.of("rrsets", sets)));
        }

        private static List<String> quoted(List<String> values) {
            return values.stream().map(value -> '"' + value + '"').toList();
        }

        /** A change is done as a whole or not at all. */
        private Answer change(Request request) {
            JsonObject body = JsonObject.parse(request.body());
            for (JsonObject set : body.objects("deletions")) {
                if (!set.texts("rrdatas").equals(quoted(values(name(set))))) {
                    return Answer.of(412, "{\"error\":{\"code\":412,\"status\":\"FAILED_PRECONDITION\"}}");
                }
            }
            for (JsonObject set : body.objects("additions")) {
                require(set.number("ttl").orElse(0L) == 60, "ttl", request);
                if (body.objects("deletions").isEmpty() && !values(name(set)).isEmpty()) {
                    return Answer.of(409, "{\"error\":{\"code\":409,\"status\":\"ALREADY_EXISTS\"}}");
                }
            }
            body.objects("deletions").forEach(set -> plain(set).forEach(value -> remove(name(set), value)));
            body.objects("additions").forEach(set -> plain(set).forEach(value -> add(name(set), value)));
            return Answer.of(200, "{\"status\":\"pending\",\"id\":\"1\"}");
        }

        private static List<String> plain(JsonObject set) {
            return set.texts("rrdatas").stream()
                    .map(data -> data.substring(1, data.length() - 1))
                    .toList();
        }

        private static String name(JsonObject set) {
            return set.text("name").orElseThrow().replaceFirst("\\.$", "");
        }
    }

    @Override
    FakeApi fake() {
        return new Fake(clock);
    }

    private ServiceAccount account() {
        String key = Base64.getMimeEncoder().encodeToString(KEY.getPrivate().getEncoded());
        return ServiceAccount.parse(JsonObject.write(Map.of(
                "type", "service_account",
                "project_id", "a-project",
                "private_key", "-----BEGIN PRIVATE KEY-----\n" + key + "\n-----END PRIVATE KEY-----\n",
                "client_email", "dns@a-project.example",
                "token_uri", api.url() + "/token")));
    }

    @Override
    DnsRecords records(ApiEndpoint endpoint) {
        return new GoogleCloudRecords(account(), endpoint);
    }

    @Test
    void token_isAskedForAgainWhenItEnds() {
        DnsRecords records = records();
        records.add(record(name("a"), "one"));
        records.add(record(name("a"), "two"));
        assertThat(tokens()).isEqualTo(1);
        clock.advance(Duration.ofHours(1));
        records.add(record(name("a"), "three"));
        assertThat(tokens()).isEqualTo(2);
        assertThat(published(name("a"))).hasSize(3);
    }

    private long tokens() {
        return api.requests.stream()
                .filter(request -> request.path().equals("/token"))
                .count();
    }

    @Test
    void accountFile_thatIsNone_isNotShown() {
        assertThatThrownBy(() -> ServiceAccount.parse("{\"private_key\":\"" + SECRET))
                .hasMessageContaining("not JSON")
                .hasMessageNotContaining(SECRET)
                .hasNoCause();
        assertThatThrownBy(() -> ServiceAccount.parse(JsonObject.write(Map.of(
                        "token_uri", "https://oauth2.googleapis.com/token",
                        "project_id", "p",
                        "client_email", "e",
                        "private_key", SECRET))))
                .hasMessageContaining("private_key")
                .hasMessageNotContaining(SECRET)
                .hasNoCause();
        assertThatThrownBy(() -> ServiceAccount.parse("{\"token_uri\":\"http://example.com/token\"}"))
                .hasMessageContaining("expected https");
    }
}
