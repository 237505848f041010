// The caller's certificate as RFC 9440 section 2.1 writes it: base64 of the DER between colons; empty without one.
function header(request) {
    const pem = request.variables.ssl_client_raw_cert;
    if (!pem) {
        return "";
    }
    return ":" + pem.replace(/-----[A-Z ]+-----|\s/g, "") + ":";
}

export default {header};
