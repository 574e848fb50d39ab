package org.autotls.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.autotls.AutoTls;
import org.autotls.AutoTlsBuilder;
import org.autotls.acme.AcmeDirectories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class IssuerOptionsTest {

    private static final String KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

    @TempDir
    private Path dir = Path.of("");

    private String keyFile = "";

    @BeforeEach
    void writeKey() throws IOException {
        keyFile = Files.writeString(dir.resolve("eab=key"), KEY + "\n").toString();
    }

    private AutoTlsBuilder apply(AutoTlsBuilder builder, String... args) {
        return CommandLine.populateCommand(new IssuerOptions(), args).apply(builder);
    }

    private AutoTlsBuilder builder() {
        return AutoTls.at(dir);
    }

    @Test
    void issuer_alone_isInPlaceOfTheDefault() {
        assertThat(apply(builder(), "--issuer", "zerossl", "--issuer", "letsencrypt"))
                .asString()
                .contains("https://acme.zerossl.com/v2/DV90, then https://acme-v02.api.letsencrypt.org/directory");
    }

    @Test
    void issuer_afterAnotherCa_isTriedNext() {
        assertThat(apply(builder().letsEncrypt(), "--issuer", "letsencrypt", "--issuer", "zerossl"))
                .asString()
                .contains("https://acme-v02.api.letsencrypt.org/directory, then https://acme.zerossl.com/v2/DV90,");
    }

    @Test
    void issuer_unknownOrWithAnotherSource_isRefused() {
        assertThatThrownBy(() -> apply(builder(), "--issuer", "nobody"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nobody")
                .hasMessageContaining("letsencrypt, letsencrypt-staging, google");
        assertThatThrownBy(() -> apply(builder().local(), "--issuer", "zerossl"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("local CA");
    }

    @Test
    void eab_pairsByIssuer() {
        apply(builder(), "--eab-kid", "kid=1", "--eab-key-file", keyFile);
        apply(
                builder(),
                "--issuer",
                "google",
                "--issuer",
                "zerossl",
                "--eab-kid",
                "google=a",
                "--eab-kid",
                "zerossl=b",
                "--eab-key-file",
                "zerossl=" + keyFile,
                "--eab-key-file",
                "google=" + keyFile);
        assertThatThrownBy(() -> apply(builder(), "--eab-kid", "google=a", "--eab-key-file", keyFile))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("belong together");
        assertThatThrownBy(() -> apply(builder(), "--eab-kid", "a", "--eab-kid", "b", "--eab-key-file", keyFile))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("--eab-kid twice");
    }

    @Test
    void eab_badFile_isNamedAndTheKeyIsNotShown() throws IOException {
        assertThatThrownBy(() -> apply(builder(), "--eab-kid", "a", "--eab-key-file", "missing"))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("missing");
        Files.writeString(Path.of(keyFile), "not base64url!");
        assertThatThrownBy(() -> apply(builder(), "--eab-kid", "a", "--eab-key-file", keyFile))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("not base64url!");
    }

    @Test
    void profiles_bothKinds_areRefused() {
        apply(builder(), "--profile", "classic", "--preferred-chain", "ISRG Root X1");
        assertThatThrownBy(() -> apply(builder(), "--profile", "a", "--required-profile", "b"))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("only one");
    }

    @Test
    void limits_areRead_andWhatIsNoneIsRefused() {
        apply(builder(), "--order-limit", "3000/3h", "--no-staging");
        apply(builder(), "--domain-limit", "500/7d");
        assertThatThrownBy(() -> apply(builder(), "--domain-limit", "many"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("many");
        apply(builder(), "--order-limit", "none", "--staging-acme", "https://ca.example/directory");
        assertThatThrownBy(() -> apply(builder(), "--order-limit", "many"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("limit 'many': expected a count and a period, such as 300/3h, or none");
        assertThatThrownBy(() ->
                        apply(builder(), "--staging-acme", "http://ca.example/").check())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a URL such as https://ca.example/directory");
        assertThatThrownBy(() -> apply(builder(), "--no-staging", "--staging-acme", "https://ca.example/"))
                .isInstanceOf(CommandLine.MutuallyExclusiveArgsException.class);
    }

    @Test
    void help_andOperatorsGuide_haveTheTable() throws IOException {
        Cli cli = new Cli();
        assertThat(cli.run("issue", "--help")).isZero();
        assertThat(cli.out())
                .contains(AcmeDirectories.ALL.stream()
                        .map(AcmeDirectories.Ca::name)
                        .toList());
        assertThat(Files.readString(Path.of("..", "docs", "operations.md"))).contains(IssuerOptions.markdown());
    }
}
