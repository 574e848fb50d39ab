package org.autotls.examples;

import com.google.protobuf.StringValue;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import java.util.Arrays;
import org.autotls.AutoTls;
import org.autotls.grpc.AutoTlsGrpc;

/** gRPC: {@code GrpcExample local:certs:tcp:8443 [NAME]...}. */
public final class GrpcExample {

    private GrpcExample() {}

    public static void main(String... arguments) throws Exception {
        String[] names = Arrays.copyOfRange(arguments, 1, arguments.length);
        AutoTls autoTls =
                AutoTls.endpoint(arguments[0]).names(names).agreeToTerms(true).open();
        var text = ProtoUtils.marshaller(StringValue.getDefaultInstance());
        var greet = MethodDescriptor.newBuilder(text, text)
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("autotls.Greeter/Greet")
                .build();
        var handler = ServerCalls.<StringValue, StringValue>asyncUnaryCall((request, answer) -> {
            answer.onNext(StringValue.of("Hello from gRPC over HTTP/2\n"));
            answer.onCompleted();
        });
        var service = ServerServiceDefinition.builder("autotls.Greeter").addMethod(greet, handler);
        var server = AutoTlsGrpc.endpoint(autoTls).addService(service.build()).build();
        server.start().awaitTermination();
    }
}
