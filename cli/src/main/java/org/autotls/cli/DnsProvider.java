package org.autotls.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.autotls.DnsRecords;
import org.autotls.Scheduler;
import org.autotls.Text;
import org.autotls.dns.AcmeDnsRecords;
import org.autotls.dns.ApiEndpoint;
import org.autotls.dns.AwsCredentials;
import org.autotls.dns.CloudflareRecords;
import org.autotls.dns.DigitalOceanRecords;
import org.autotls.dns.GoogleCloudRecords;
import org.autotls.dns.HetznerRecords;
import org.autotls.dns.Route53Records;
import org.autotls.dns.ServiceAccount;
import org.autotls.endpoint.EndpointArguments;
import org.autotls.endpoint.EndpointDescription;
import org.autotls.endpoint.EndpointDescription.Field;
import org.autotls.store.DirectoryStore;

/** The DNS providers that are written to over their HTTP APIs, by the words of {@code --challenge}. */
enum DnsProvider {
    CLOUDFLARE("cloudflare", CloudflareRecords.API, "token-file"),
    DIGITAL_OCEAN("digitalocean", DigitalOceanRecords.API, "token-file"),
    HETZNER("hetzner", HetznerRecords.API, "token-file"),
    GOOGLE_CLOUD("gcloud", GoogleCloudRecords.API, "service-account-file"),
    /** Without a file, the environment has the credentials. */
    ROUTE_53("route53", Route53Records.API, "credentials-file", "profile"),
    ACME_DNS("acme-dns", URI.create(""), "server", "store");

    private static final long MAX_FILE = 65_536;
    private static final Scheduler CLOCK = Scheduler.system();

    private final String word;
    private final URI api;
    private final List<String> parameters;

    DnsProvider(String word, URI api, String... parameters) {
        this.word = word;
        this.api = api;
        this.parameters = List.of(parameters);
    }

    static Optional<DnsProvider> find(String word) {
        return Arrays.stream(values()).filter(one -> one.word.equals(word)).findFirst();
    }

    static List<String> words() {
        return Arrays.stream(values()).map(one -> one.word).toList();
    }

    String word() {
        return word;
    }

    /** What may be said besides what all ways of dns-01 take. */
    List<String> parameters() {
        return parameters;
    }

    /**
     * Reads the arguments, and no file yet.
     *
     * @return makes the writer, given the certificate directory; fails with {@link CommandFailure} if a file cannot be read or holds what it should not
     */
    Function<Path, DnsRecords> parse(EndpointDescription description, EndpointArguments arguments) {
        if (this == ACME_DNS) {
            URI server = url(description, arguments.require("server", "server=URL of the acme-dns server"));
            Optional<Path> store = arguments
                    .find("store")
                    .map(field -> ChallengeChoice.path(description, field, "store=DIR, which keeps registrations"));
            return certificates -> new AcmeDnsRecords(
                    DirectoryStore.open(store.orElse(certificates), CLOCK).state(), new ApiEndpoint(server, CLOCK));
        }
        URI url = arguments.find("api").map(field -> url(description, field)).orElse(api);
        if (this == ROUTE_53) {
            Optional<Path> file = arguments
                    .find("credentials-file")
                    .map(field -> ChallengeChoice.path(description, field, "credentials-file=FILE"));
            String profile = arguments.find("profile").map(Field::value).orElse("default");
            return certificates -> new Route53Records(credentials(file, profile), new ApiEndpoint(url, CLOCK));
        }
        String expected = parameters.get(0) + "=FILE with the secret";
        Path file = ChallengeChoice.path(description, arguments.require(parameters.get(0), expected), expected);
        return certificates -> fromFile(file, text -> records(text, new ApiEndpoint(url, CLOCK)));
    }

    private DnsRecords records(String secret, ApiEndpoint endpoint) {
        return switch (this) {
            case CLOUDFLARE -> new CloudflareRecords(secret, endpoint);
            case DIGITAL_OCEAN -> new DigitalOceanRecords(secret, endpoint);
            case HETZNER -> new HetznerRecords(secret, endpoint);
            case GOOGLE_CLOUD -> new GoogleCloudRecords(ServiceAccount.parse(secret), endpoint);
            case ROUTE_53, ACME_DNS -> throw new IllegalStateException(word + " has no file with one secret");
        };
    }

    private static AwsCredentials credentials(Optional<Path> file, String profile) {
        if (file.isPresent()) {
            return fromFile(file.get(), text -> AwsCredentials.parse(text, profile));
        }
        try {
            return AwsCredentials.of(System.getenv());
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--challenge: route53: " + e.getMessage() + ", and there is no credentials-file=");
        }
    }

    /**
     * Makes something of a secret file.
     *
     * @throws CommandFailure if it cannot be read, or {@code parser} takes it for wrong; the secret is not shown
     */
    static <T> T fromFile(Path file, Function<String, T> parser) {
        String shown = "--challenge: the secret file " + Text.escape(file.toString());
        try {
            if (Files.size(file) > MAX_FILE) {
                throw new CommandFailure(ExitCode.DIRECTORY, shown + " is too long for a secret");
            }
            return parser.apply(Files.readString(file).strip());
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCode.DIRECTORY, shown + ": " + e.getMessage());
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.DIRECTORY, shown + " is missing or cannot be read", e);
        }
    }

    private static URI url(EndpointDescription description, Field field) {
        String expected = "a URL, https\\://HOST…, its colons written '\\:'";
        try {
            URI url = URI.create(field.value());
            return new ApiEndpoint(url, Scheduler.system()).base();
        } catch (IllegalArgumentException e) {
            throw description.refuse(field, expected);
        }
    }
}
