package org.autotls.examples;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.netty.http.server.HttpServerRequest;

/** Spring Boot's WebFlux on Reactor Netty: TLS comes with the properties {@code autotls.*}. */
@SpringBootApplication
@RestController
public class WebFluxExample {

    public static void main(String... arguments) {
        SpringApplication.run(WebFluxExample.class, arguments);
    }

    @GetMapping("/")
    public String hello(ServerWebExchange exchange) {
        HttpServerRequest request = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
        return "Hello from Spring WebFlux over " + request.protocol() + "\n";
    }
}
