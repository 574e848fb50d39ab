package org.autotls.spring;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.autotls.AutoTls;
import org.autotls.AutoTlsBuilder;
import org.autotls.KeyType;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties {@code autotls.*}, one for each setting of {@link AutoTlsBuilder} that can be written down. With none of
 * them an application has no {@link AutoTls}. Immutable.
 *
 * @param enabled false switches all of it off
 * @param endpoint an endpoint string; it says where certificates are kept, where they come from, and where the web server
 *     listens
 * @param directory where certificates are kept; instead of {@code endpoint}
 * @param names one certificate each; an element with commas, which only index syntax can have, is one certificate over
 *     several names
 * @param email for the CA to write to
 * @param agreeToTerms whether you agree to the CA's terms of service
 * @param acme the directory URL of an ACME CA; default Let's Encrypt
 * @param staging whether to order from Let's Encrypt's staging CA
 * @param local whether to issue from a private CA in the directory
 * @param readOnly whether another process issues, and this one only reads
 * @param trust files of further roots for the CA's own https, in PEM
 * @param httpPort a port of its own for http-01 and redirects to https
 * @param httpsPort where redirects go; default the port that serves
 * @param keyType the kind of key: ec-p256, ec-p384, rsa-2048, rsa-3072 or rsa-4096; two, one of each algorithm, for two
 *     certificates of each name
 * @param timeout for each request to the CA
 * @param checkInterval how often the whole store is checked
 * @param reissueInterval caps how early a certificate is reissued
 * @param panicInterval caps how early a failure to reissue raises the alarm
 */
@ConfigurationProperties("autotls")
public record AutoTlsProperties(
        @DefaultValue("true") boolean enabled,
        @Nullable String endpoint,
        @Nullable Path directory,
        @DefaultValue List<String> names,
        @Nullable String email,
        @DefaultValue("false") boolean agreeToTerms,
        @Nullable URI acme,
        @DefaultValue("false") boolean staging,
        @DefaultValue("false") boolean local,
        @DefaultValue("false") boolean readOnly,
        @DefaultValue List<Path> trust,
        @Nullable Integer httpPort,
        @Nullable Integer httpsPort,
        @DefaultValue List<KeyType> keyType,
        @Nullable Duration timeout,
        @Nullable Duration checkInterval,
        @Nullable Duration reissueInterval,
        @Nullable Duration panicInterval) {

    /** Copies the lists. */
    public AutoTlsProperties {
        names = List.copyOf(names);
        trust = List.copyOf(trust);
        keyType = List.copyOf(keyType);
    }

    /**
     * Makes the settings.
     *
     * @param serverPort where the web server listens unless an endpoint string says otherwise; empty if not known
     * @return a builder; nothing is opened
     * @throws IllegalArgumentException naming the property that is wrong, missing, or excluded by another
     */
    AutoTlsBuilder builder(OptionalInt serverPort) {
        AutoTlsBuilder builder = home(serverPort);
        builder.names(names.toArray(new String[0])).agreeToTerms(agreeToTerms);
        trust.forEach(builder::trust);
        if (email != null) {
            builder.email(email);
        }
        if (httpPort != null) {
            builder.httpPort(httpPort);
        }
        if (httpsPort != null) {
            builder.httpsPort(httpsPort);
        }
        if (!keyType.isEmpty()) {
            builder.keyTypes(keyType);
        }
        if (timeout != null) {
            builder.timeout(timeout);
        }
        setIntervals(builder);
        return builder;
    }

    private void setIntervals(AutoTlsBuilder builder) {
        if (checkInterval != null) {
            builder.checkInterval(checkInterval);
        }
        if (reissueInterval != null) {
            builder.reissueInterval(reissueInterval);
        }
        if (panicInterval != null) {
            builder.panicInterval(panicInterval);
        }
    }

    private AutoTlsBuilder home(OptionalInt serverPort) {
        List<String> sources = sources();
        if (endpoint != null) {
            if (directory != null || !sources.isEmpty()) {
                throw new IllegalArgumentException(
                        "autotls.endpoint says where certificates are kept and come from; expected" + " no "
                                + (directory != null ? "autotls.directory" : sources.get(0)) + " beside it");
            }
            return AutoTls.endpoint(endpoint);
        }
        if (directory == null) {
            throw new IllegalArgumentException(
                    "expected autotls.directory, or autotls.endpoint, beside the other properties"
                            + " autotls.*: where certificates are kept");
        }
        if (sources.size() > 1) {
            throw new IllegalArgumentException("expected at most one of " + String.join(" and ", sources));
        }
        AutoTlsBuilder builder = AutoTls.at(directory);
        serverPort.ifPresent(builder::httpsPort);
        return from(builder);
    }

    private List<String> sources() {
        List<String> sources = new ArrayList<>();
        if (acme != null) {
            sources.add("autotls.acme");
        }
        if (staging) {
            sources.add("autotls.staging");
        }
        if (local) {
            sources.add("autotls.local");
        }
        if (readOnly) {
            sources.add("autotls.read-only");
        }
        return sources;
    }

    private AutoTlsBuilder from(AutoTlsBuilder builder) {
        if (staging) {
            return builder.letsEncryptStaging();
        }
        if (local) {
            return builder.local();
        }
        if (readOnly) {
            return builder.readOnly();
        }
        return acme == null ? builder : builder.acme(acme);
    }
}
